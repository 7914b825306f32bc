# Tillbot as an image: `docker build -t tillbot .`
# It runs as a user without rights, on a root file system that may be read-only, and writes nowhere but to /shop/var, which
# only a shop in SQLite needs.

FROM python:3.13-slim AS build
RUN pip install --no-cache-dir "uv>=0.13,<0.14"
WORKDIR /app
COPY pyproject.toml uv.lock ./
# What it depends on changes seldom: a layer of its own.
RUN uv sync --frozen --no-dev --no-install-project --extra otel
COPY README.md LICENSE ./
COPY bot bot
COPY adapters adapters
COPY commands commands
COPY config config
# With traces for OpenTelemetry; they are sent where OTEL_EXPORTER_OTLP_ENDPOINT says, and nowhere else.
RUN uv sync --frozen --no-dev --no-editable --extra otel
# What it is made of (CycloneDX): docker run --rm --entrypoint cat tillbot /app/sbom.cdx.json
RUN uv export --frozen --no-dev --extra otel --format cyclonedx1.5 --preview-features sbom-export \
    --output-file sbom.cdx.json > /dev/null

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /shop tillbot \
    && install --directory --owner tillbot --group tillbot /shop/var
COPY --from=build /app/.venv /app/.venv
COPY --from=build /app/sbom.cdx.json /app/sbom.cdx.json
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER tillbot
WORKDIR /shop
EXPOSE 8080
# TERM lets running jobs end, for ten seconds at most.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["tillbot"]
CMD ["run", "--host", "0.0.0.0", "--port", "8080"]
