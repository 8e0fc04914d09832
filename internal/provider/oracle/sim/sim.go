// Package oraclesim is Oracle Cloud's side of the wire: a tenancy with compartments, regions, compute, container
// instances, Kubernetes, autonomous databases, monitoring and the public price list, at Oracle's own host names. It is
// written from the published API reference and signing document.
package oraclesim

import (
	"crypto/rsa"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// Option changes how the tenancy is served.
type Option func(*cloud)

// LongestPage lowers the most that a list call gives at once, as some services of Oracle's do: a client that asks for
// more gets a shorter page.
func LongestPage(rows int) Option { return func(c *cloud) { c.longest = rows } }

// New makes the tenancy of a world.
func New(w *sim.World, opts ...Option) sim.Cloud {
	key := parseKey(demoKey)
	c := &cloud{
		world: w, key: key, fingerprint: fingerprintOf(&key.PublicKey), shapes: generalShapes(), gpuShapes: gpuShapes(),
		byID: map[string]*compartment{}, tagSets: map[string]*tags{}, tails: tails{kept: map[tailKind]string{}},
		spaces: namespaces(), metricCalls: sim.Limiter{N: 10, Per: time.Second}, longest: longestPage,
	}
	for _, o := range opts {
		o(c)
	}
	for _, s := range c.shapes {
		if s.name == "VM.Standard.E4.Flex" || s.name == "VM.Standard.A1.Flex" {
			s.name = strings.Replace(s.name, "VM.", "CI.", 1)
			c.containerShapes = append(c.containerShapes, s)
		}
	}
	n := w.Count("oracle", 0.4, 0)
	c.buildTenancy(n)
	c.fill = sync.OnceFunc(func() { c.build(n) })
	for _, k := range c.compartments {
		c.byID[k.id] = k
	}
	c.routes = c.endpoints()
	return c
}

// cloud implements sim.Cloud.
type cloud struct {
	world       *sim.World
	key         *rsa.PrivateKey
	fingerprint string
	tenancy     string // OCID
	user        string // OCID

	shapes, gpuShapes, containerShapes []shape

	compartments []*compartment // the root first
	byID         map[string]*compartment
	restricted   *compartment // nil without incidents
	regions      []*region    // the home first; the last one is not ready
	tagSets      map[string]*tags
	fill         func() // once: makes the resources
	tails        tails
	scratch      []byte // of drawTags
	spaces       []namespace
	routes       []endpoint

	longest     int // rows of a page
	requests    atomic.Int64
	metricCalls sim.Limiter
	leaf        leafOnce
}

// Name implements sim.Cloud.
func (c *cloud) Name() string { return "oracle" }

// Fill implements sim.Filler.
func (c *cloud) Fill() { c.fill() }

// Hosts implements sim.Cloud.
func (c *cloud) Hosts() []string {
	return []string{
		"iaas.*.oraclecloud.com", "identity.*.oraclecloud.com", "telemetry.*.oraclecloud.com",
		"compute-containers.*.oci.oraclecloud.com", "containerengine.*.oraclecloud.com", "database.*.oraclecloud.com",
		"query.*.oci.oraclecloud.com", "limits.*.oci.oraclecloud.com", "auth.*.oraclecloud.com", priceHost, metadataHost,
	}
}

// Credentials implements sim.Cloud.
func (c *cloud) Credentials() sim.Credentials {
	config := strings.Join([]string{
		"[DEFAULT]", "user=" + c.user, "fingerprint=" + c.fingerprint, "tenancy=" + c.tenancy,
		"region=" + c.regions[0].name, "key_file={home}/.oci/key.pem", "",
	}, "\n")
	return sim.Credentials{
		Env:   map[string]string{"OCI_CLI_CONFIG_FILE": "{home}/.oci/config", "OCI_CONFIG_FILE": "{home}/.oci/config"},
		Files: map[string]string{".oci/config": config, ".oci/key.pem": demoKey},
		Values: map[string]string{
			"user": c.user, "fingerprint": c.fingerprint, "tenancy": c.tenancy, "region": c.regions[0].name, "private_key": demoKey,
		},
	}
}

// ServeHTTP implements http.Handler.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	service, regionName := split(host)
	c.stamp(w, r)
	c.fill()
	var f *fault
	switch service {
	case priceHost:
		f = c.prices(w, r)
	case metadataHost:
		f = c.metadata(w, r)
	case "auth":
		f = c.federate(w, r)
	default:
		f = c.serve(w, r, service, regionName)
	}
	if f != nil {
		f.write(w)
	}
}

// split returns the service and the region of a host name: iaas.us-phoenix-1.oraclecloud.com,
// identity.us-phoenix-1.oci.oraclecloud.com.
func split(host string) (service, region string) {
	if host == priceHost || host == metadataHost {
		return host, ""
	}
	service, rest, _ := strings.Cut(host, ".")
	region, _, _ = strings.Cut(rest, ".")
	return service, region
}

// serve answers a signed call to a regional service.
func (c *cloud) serve(w http.ResponseWriter, r *http.Request, service, regionName string) *fault {
	if f := c.authenticate(r); f != nil {
		return f
	}
	at := c.region(regionName)
	if at == nil {
		return unauthenticated("") // what Oracle says where the tenancy is not subscribed
	}
	route, f := c.route(service, r)
	if f != nil {
		return f
	}
	return route(w, r, at)
}

// region returns a region that the tenancy can use, nil where it is none.
func (c *cloud) region(name string) *region {
	for _, at := range c.live() {
		if at.name == name {
			return at
		}
	}
	return nil
}

// authenticate checks the signature with the key that it names.
func (c *cloud) authenticate(r *http.Request) *fault {
	header := r.Header.Get("Authorization")
	if header == "" {
		return unauthenticated("")
	}
	s, err := parseSignature(header)
	if err != nil {
		return unauthenticated("")
	}
	key := c.keyOf(s.keyID)
	if key == nil || s.covers(r, true) != nil {
		return unauthenticated("")
	}
	return c.check(r, &s, key)
}

// check compares date, signature and body.
func (c *cloud) check(r *http.Request, s *signature, key *rsa.PublicKey) *fault {
	if message := skewed(r, c.world.Now()); message != "" {
		return unauthenticated(message)
	}
	text, err := s.text(r)
	if err != nil || s.verify(key, text) != nil || checkBody(r) != nil {
		return unauthenticated("")
	}
	return nil
}

// keyOf returns the public key of an id: tenancy/user/fingerprint, or ST$ and a session token.
func (c *cloud) keyOf(id string) *rsa.PublicKey {
	if token, ok := strings.CutPrefix(id, "ST$"); ok {
		return c.sessionKey(token)
	}
	if id == c.tenancy+"/"+c.user+"/"+c.fingerprint {
		return &c.key.PublicKey
	}
	return nil
}
