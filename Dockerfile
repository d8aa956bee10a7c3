FROM node:24-bookworm-slim AS build
WORKDIR /muster
COPY package.json package-lock.json ./
# Without the optional ones, since TypeScript would come as one: of a dependency that can read its files.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY migrations migrations
COPY src src
# A clone made under umask 077 would leave the sources to root alone.
RUN chmod -R a+rX,go-w .

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Muster" \
      org.opencontainers.image.description="Organisations, members, roles and invitations as a headless REST service" \
      org.opencontainers.image.licenses="Apache-2.0"

# Without SMTP_URL each mail becomes a file here; all else belongs to root and is only read.
ENV NODE_ENV=production HOST=0.0.0.0 MUSTER_DATA_DIR=/var/lib/muster
RUN install -d -o node -g node -m 700 /var/lib/muster

WORKDIR /muster
COPY --from=build /muster/node_modules node_modules
COPY --from=build /muster/package.json package.json
COPY --from=build /muster/migrations migrations
COPY --from=build /muster/src src

# The user `node`, by number: Kubernetes checks `runAsNonRoot` only so.
USER 1000:1000
EXPOSE 3000

# Ready, not only alive: whoever waits for this container means to call it, and a rollout must not go on with one that
# cannot serve. Where an orchestrator restarts what fails a check, let it ask /livez instead (see the README).
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

# No npm in between, so that signals reach the process. The migrations, first: node src/cli/migrate.ts
CMD ["node", "src/main.ts"]
