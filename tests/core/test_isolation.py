import pytest

from galforge.core.errors import InputError
from galforge.core.isolation import isolated


def fail(error):
    def work():
        raise error

    return work


def test_what_fails_is_replaced_and_the_log_says_where(capsys):
    assert isolated("sum", lambda: 3, len) == 3
    assert isolated("sum", fail(ValueError("no\nsum")), str.upper) == "VALUEERROR: NO SUM"
    log = capsys.readouterr().err
    assert "Traceback" in log
    assert log.splitlines()[-1] == "WARNING: sum: ValueError: no sum; the rest goes on without it"


@pytest.mark.parametrize("error", [InputError("x.h5: is damaged"), OSError(28, "full"), MemoryError()])
def test_what_a_user_can_repair_ends_the_job(error):
    with pytest.raises(type(error)):
        isolated("sum", fail(error), str)
