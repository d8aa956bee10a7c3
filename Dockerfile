FROM node:24-bookworm-slim AS build
WORKDIR /muster
COPY package.json package-lock.json ./
# With what bundles, and without what would download more.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY migrations migrations
COPY src src
# A clone made under umask 077 would leave the files to root alone.
RUN npm run build && chmod -R a+rX,go-w dist

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Muster" \
      org.opencontainers.image.description="Organisations, members, roles and invitations as a headless REST service" \
      org.opencontainers.image.licenses="Apache-2.0"

# Without SMTP_URL each mail becomes a file here; all else belongs to root and is only read.
ENV NODE_ENV=production HOST=0.0.0.0 MUSTER_DATA_DIR=/var/lib/muster
RUN install -d -o node -g node -m 700 /var/lib/muster

WORKDIR /muster
COPY --from=build /muster/dist .

# What V8 makes of the code, for the starts to come, which have to have this place, this user and these flags: written by
# a start without a database, and only read afterwards.
ENV NODE_COMPILE_CACHE=/muster/compile-cache
RUN install -d -o node -g node compile-cache
USER 1000:1000
RUN NODE_ENV= MUSTER_DATA_DIR=/tmp/muster DATABASE_URL=postgres://127.0.0.1:1/none \
    timeout --preserve-status 5 node --enable-source-maps --max-semi-space-size=16 --max-old-space-size=1024 main.js \
    && rm -r /tmp/muster
USER root
RUN chown -R root:root compile-cache

# The user `node`, by number: Kubernetes checks `runAsNonRoot` only so.
USER 1000:1000
EXPOSE 3000

# Ready, not only alive: whoever waits for this container means to call it, and a rollout must not go on with one that
# cannot serve. Where an orchestrator restarts what fails a check, let it ask /livez instead (see docs/production.md).
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

# No npm in between, so that signals reach the process. The migrations, first: node cli/migrate.js
# Left to itself, V8 lets garbage pile up before it looks: see docs/decisions/0014-memory-and-start.md.
CMD ["node", "--enable-source-maps", "--max-semi-space-size=16", "--max-old-space-size=1024", "main.js"]
