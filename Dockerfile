# syntax-free on purpose: the classic builder of older engines builds it too.
FROM python:3.11-slim AS build
WORKDIR /opt/tessera
COPY requirements.lock ./
RUN python3 -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock \
 && /opt/venv/bin/pip uninstall -q -y setuptools pip

FROM python:3.11-slim
# Builds fetch their source with git.
RUN command -v git || (apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*)
COPY --from=build /opt/venv /opt/venv
COPY bot /opt/tessera/bot
COPY commands /opt/tessera/commands
COPY explainers /opt/tessera/explainers
COPY manifests/demo /opt/tessera/manifests/demo
WORKDIR /opt/tessera
# The file system is read-only later: byte code is made now.
RUN /opt/venv/bin/python -m compileall -q bot commands explainers
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["python", "-m", "bot"]
CMD ["serve"]
