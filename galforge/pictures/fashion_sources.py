"""Where Fashion-MNIST is published, with hashes and credit."""

from typing import Final, Literal

URL: Final = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
FashionFile = Literal[
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
]
CREDIT: Final = "Fashion-MNIST (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747), Zalando Research, MIT licence"
# SHA-256 as in the checksums of TensorFlow Datasets (url_checksums/fashion_mnist.txt).
HASHES: Final[dict[FashionFile, str]] = {
    "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
