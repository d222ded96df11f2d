# syntax=docker/dockerfile:1
# One image for web, dispatcher, workers and Flower: the command says which.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/base.txt requirements/production.txt /requirements/
RUN /venv/bin/pip install -r /requirements/production.txt && /venv/bin/python -m compileall -q /venv

FROM python:3.11-slim
# The SDKs check certificates against the system's store; the slim image has none.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin nexus \
    && install --directory --owner=nexus --group=nexus /var/lib/nexus/media
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# Static files need no database and no secret; what is named here lives for this line only.
RUN SECRET_KEY=only-to-collect-static-files-and-for-nothing-else-anywhere \
    DATABASE_URL=postgres://none/none REDIS_URL=redis://none ALLOWED_HOSTS=none \
    python manage.py collectstatic --noinput --verbosity=0 \
    && python -m compileall -q .
USER nexus
EXPOSE 8000
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "30", "--ws-per-message-deflate", "false"]
