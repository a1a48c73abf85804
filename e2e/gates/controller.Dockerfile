# The controller of a gate, which `go build` has written into the context.
FROM scratch
COPY controller /bin/controller
USER 65532
ENTRYPOINT ["/bin/controller"]
