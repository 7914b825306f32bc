# Tillbot in a container of its own: slim, not root, nothing written but what is mounted. The config comes by TILLBOT_CONFIG.
FROM python:3.12-slim AS made
RUN pip install --no-cache-dir uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /tillbot
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY bot bot
COPY adapters adapters
COPY commands commands
COPY config config
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin tillbot
COPY --from=made /tillbot/.venv /tillbot/.venv
ENV PATH=/tillbot/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER tillbot
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["tillbot"]
CMD ["run", "--host", "0.0.0.0", "--port", "8080"]
