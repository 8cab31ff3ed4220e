# Kept in a container. Written beside the code but never run by its authors, who had no container
# engine: expect to correct a detail, and tell us which.
#
#   docker build -t kept .
#   docker run -p 127.0.0.1:4747:4747 -v kept:/var/lib/kept kept

FROM node:24-trixie-slim AS base
# The pinned Node needs it, and slim images leave it out.
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*

FROM base AS build
WORKDIR /opt/kept
COPY package.json package-lock.json .npmrc ./
# Development packages stay out; vite is an ordinary one because the console is built here.
RUN npm ci --omit=dev
COPY . .
RUN node_modules/node/bin/node node_modules/vite/bin/vite.js build

FROM base
WORKDIR /opt/kept
COPY --from=build /opt/kept /opt/kept
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/kept
USER node
# Without DATABASE_URL Kept runs its own PostgreSQL under KEPT_DATA.
ENV KEPT_HOST=0.0.0.0 KEPT_PORT=4747 KEPT_DATA=/var/lib/kept
VOLUME /var/lib/kept
EXPOSE 4747
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node_modules/node/bin/node", "-e", "fetch('http://127.0.0.1:' + process.env.KEPT_PORT + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The pinned Node directly: the image is built, so there is nothing for tools/kept.mjs to prepare.
ENTRYPOINT ["node_modules/node/bin/node", "src/cli/main.ts"]
CMD ["up"]
