# The production image: web server, worker and timer differ only in their command (docker-compose.yml).

FROM node:20-bookworm-slim AS assets
WORKDIR /assets
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk fonts-arphic-ukai fonts-lxgw-wenkai \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home portal
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY --from=assets /assets/node_modules node_modules
COPY . .
# The static files belong to the image; only var/files is data and becomes a volume.
RUN mkdir -p var/files \
    && SECRET_KEY=collectstatic-signs-nothing PUBLIC_URL=https://not.used DATABASE_URL=postgresql:///not-used python manage.py collectstatic --noinput \
    && chown -R portal:portal var
USER portal
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-", "--logger-class", "portal.access_log.AccessLog"]
