# One image for the operator, its probe pods, and gates that run the command-line program.
#   docker build -t REGISTRY/netverdict:TAG .
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /netverdict
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY rolldown.config.ts ./
COPY crds crds
COPY probes probes
COPY operator operator
COPY cli cli
RUN node_modules/.bin/rolldown --config rolldown.config.ts

FROM ${BASE}
# iputils' ping carries a file capability, with which it cannot even be started where all capabilities are dropped;
# without it, it uses ICMP sockets, which need none. libcap2-bin stays because iputils-ping depends on it.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends bind9-dnsutils ca-certificates curl iputils-ping libcap2-bin \
 && setcap -r /usr/bin/ping \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/*
WORKDIR /netverdict
ENV NODE_ENV=production
COPY --from=build /netverdict/dist ./
# perl-base is essential in Debian. A base without it, or without one of its modules, fails here and not in a probe.
RUN perl -c tcp.pl
USER 65532:65532
CMD ["node", "--disable-sigusr1", "/netverdict/operator.mjs"]
