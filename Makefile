# The commands of zbmaint. Each sets up what it needs: a virtual environment in .venv, installed from the lock files.
# make run PORT=8080 · make run PYTHON=/path/to/python3.11 · make run ZBMAINT_DATA=/srv/zbmaint

SHELL = /bin/sh
PYTHON_HERE = .venv/bin/python
# Starts a command that is told to stop when make itself dies, even from kill -9.
WITH_MAKE = exec $(PYTHON_HERE) -I -S zbmaint/processes.py $$PPID 15 -
# check looks at the settings as a production installation has them; nothing listens at these addresses.
AS_IN_PRODUCTION = PUBLIC_URL=https://desk.example.org DATABASE_URL=postgresql://zbmaint@127.0.0.1:1/zbmaint \
	REDIS_URL=redis://127.0.0.1:1/0 SECRET_KEY=a-key-for-checks-only-0123456789-abcdefghijklmnopqrstuvwxyz

# The product is a dozen processes of the same modules, and tests start it again and again: they are compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test test-long check bench up-services down-services clean

run: .venv/stamp-run
	@$(WITH_MAKE) $(PYTHON_HERE) manage.py up

demo: .venv/stamp-run
	@$(WITH_MAKE) $(PYTHON_HERE) manage.py up --demo

test: .venv/stamp-dev
	@sh tests/system_packages.sh
	@# One more than the two cores that it is made for: browsers and killed processes are waited for half of the time.
	$(PYTHON_HERE) -m pytest -n 3

test-long: .venv/stamp-dev
	@sh tests/system_packages.sh long
	$(PYTHON_HERE) -m pytest -m long -rA

check: .venv/stamp-dev
	$(PYTHON_HERE) -m ruff check .
	$(PYTHON_HERE) -m ruff format --check .
	$(PYTHON_HERE) -m mypy --strict .
	$(PYTHON_HERE) .venv/bin/lint-imports
	$(PYTHON_HERE) -m djlint templates --lint
	@# Without a database the history of applied migrations cannot be compared, and needs not be.
	$(AS_IN_PRODUCTION) $(PYTHON_HERE) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(AS_IN_PRODUCTION) $(PYTHON_HERE) manage.py check --deploy --fail-level WARNING

bench: .venv/stamp-dev
	$(PYTHON_HERE) -m bench

up-services: .venv/stamp-run
	@$(PYTHON_HERE) manage.py services start

down-services: .venv/stamp-run
	@$(PYTHON_HERE) manage.py services stop

clean:
	@sh requirements/clean.sh

.venv/stamp-run: requirements/run.txt
	@sh requirements/install.sh run.txt
	@touch $@

# dev.txt holds everything of run.txt, so that a developer's `make run` has nothing left to install.
.venv/stamp-dev: requirements/dev.txt requirements/run.txt
	@sh requirements/install.sh dev.txt
	@touch .venv/stamp-run $@
