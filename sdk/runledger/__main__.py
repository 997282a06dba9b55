"""`python -m runledger` is the command `runledger`."""

from runledger.cli import main

main()
