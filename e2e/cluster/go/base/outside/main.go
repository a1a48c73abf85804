// outside is the HTTP server that stands for the internet in the namespace "wan": it answers every request on port 80
// of both address families with one line that names the caller's address as seen from outside the cluster.
package main

import (
	"fmt"
	"log"
	"net/http"
	"time"
)

func main() {
	answer := func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "outside %s\n", r.RemoteAddr) }
	server := &http.Server{Addr: ":80", Handler: http.HandlerFunc(answer), ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
