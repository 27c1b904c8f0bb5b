#!/bin/sh
# Resolves pyproject.toml into pinned, hashed requirements: what the product runs on, also with signing in, what builds it, what tests it;
# and the pip that installs them: before 23.3 (Debian 12 has 23.0) it holds `name[extra]` to no pin of `name`, and fails once a newer one is out.
# Local wheel folders are shut out, so that every hash is the package index's own; the files name no index and no folder.
# usage: sh requirements/compile.sh path/to/pip-compile [--upgrade]
set -eu
compile=$1
shift
export PIP_CONFIG_FILE=/dev/null PIP_EXTRA_INDEX_URL= PIP_FIND_LINKS= CUSTOM_COMPILE_COMMAND="make requirements"

resolve() {
    "$compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@"
}

resolve "$@" --output-file requirements/runtime.txt pyproject.toml
resolve "$@" --output-file requirements/dev.txt --extra dev --constraint requirements/runtime.txt pyproject.toml
resolve "$@" --output-file requirements/oidc.txt --extra oidc --constraint requirements/dev.txt pyproject.toml
resolve "$@" --output-file requirements/build.txt --build-deps-for editable --only-build-deps --constraint requirements/dev.txt pyproject.toml
echo pip | resolve "$@" --output-file requirements/pip.txt --constraint requirements/dev.txt -
