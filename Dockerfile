# One image for the operator and its probe pods.
#   docker build -t REGISTRY/netverdict:TAG .
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /netverdict
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY crds crds
COPY probes probes
COPY operator operator
RUN node_modules/.bin/tsc --project tsconfig.build.json

FROM ${BASE} AS packages
WORKDIR /netverdict
COPY package.json package-lock.json ./
# Maps and type declarations are for compilers: without them the image is tens of megabytes smaller.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund --ignore-scripts \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.md' \) -delete

FROM ${BASE}
# iputils' ping carries a file capability, with which it cannot even be started where all capabilities are dropped;
# without it, it uses ICMP sockets, which need none. libcap2-bin stays because iputils-ping depends on it.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends bind9-dnsutils ca-certificates curl iputils-ping libcap2-bin \
 && setcap -r /usr/bin/ping \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/*
WORKDIR /netverdict
ENV NODE_ENV=production
COPY package.json ./
COPY --from=packages /netverdict/node_modules node_modules
COPY --from=build /netverdict/dist dist
COPY probes/tools/tcp.pl dist/probes/tools/
# perl-base is essential in Debian. A base without it, or without one of its modules, fails here and not in a probe.
RUN perl -c dist/probes/tools/tcp.pl
USER 65532:65532
CMD ["node", "/netverdict/dist/operator/main.js"]
