# The loop without a model and without a sandbox: docker-compose.yml has both.
ARG BASE_IMAGE=python:3.12-slim
FROM ${BASE_IMAGE}
WORKDIR /app
COPY requirements.lock .
RUN python3 -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
    --require-hashes -r requirements.lock
COPY agent agent
COPY configs configs
COPY experiments experiments
COPY prompts prompts
COPY sandbox sandbox
# whoever it runs as has no home, and libraries look for one
ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 1000:1000
ENTRYPOINT ["python3", "-m", "agent.run"]
