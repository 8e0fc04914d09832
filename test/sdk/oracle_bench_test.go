package sdk

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// onePage answers every list of instances with the same page, and gathers instances until it has enough of them.
type onePage struct {
	base http.RoundTripper

	mu    sync.Mutex
	all   []json.RawMessage
	page  []byte
	fixed bool
}

// RoundTrip implements http.RoundTripper.
func (p *onePage) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/instances") {
		return p.base.RoundTrip(r)
	}
	if p.fixed {
		return &http.Response{
			StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(p.page)),
		}, nil
	}
	resp, err := p.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var part []json.RawMessage
	if err := json.Unmarshal(body, &part); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, part...)
	return resp, nil
}

// Do lets the SDK use it as a client.
func (p *onePage) Do(r *http.Request) (*http.Response, error) { return p.RoundTrip(r) }

// BenchmarkPageOf1000Instances reads one page with Oracle's SDK and with our driver, and reports how many times the
// time and the bytes of ours the SDK takes. It is why the driver's calls are hand-written.
func BenchmarkPageOf1000Instances(b *testing.B) {
	w := sim.NewWorld(sim.Options{Seed: 1, Counts: map[string]int{"oracle": 1500}})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	page := &onePage{base: u.Transport()}
	description, _ := all.Specs().Lookup("oracle")
	conn := provider.NewConn(description)
	values := u.Cloud("oracle").Credentials().Values
	err := conn.Initialize(b.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "service_account", Source: "bench", Values: values}, Transport: page, Now: w.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	found, err := conn.ListResources(b.Context(), &provider.ResourceFilter{Services: []string{"compute"}})
	if err != nil || len(page.all) < 1000 {
		b.Fatalf("%d instances, %v", len(page.all), err)
	}
	if page.page, err = json.Marshal(page.all[:1000]); err != nil {
		b.Fatal(err)
	}
	page.fixed = true
	r := &found[0]
	query := cloud.Query{Service: "compute", Scope: cloud.Scope{Account: r.Account, Region: r.Region, Compartment: r.Compartment}}
	key := common.NewRawConfigurationProvider(values["tenancy"], values["user"], values["region"], values["fingerprint"], values["private_key"], nil)
	client, err := core.NewComputeClientWithConfigurationProvider(key)
	if err != nil {
		b.Fatal(err)
	}
	client.HTTPClient = page
	tenancy := values["tenancy"]
	ours := func() int {
		all, err := provider.Gather(conn.Driver().List(b.Context(), query))
		if err != nil {
			b.Fatal(err)
		}
		return len(all)
	}
	theirs := func() int {
		r, err := client.ListInstances(b.Context(), core.ListInstancesRequest{CompartmentId: &tenancy})
		if err != nil {
			b.Fatal(err)
		}
		return len(r.Items)
	}
	var mine, sdk cost
	for b.Loop() {
		mine.add(b, ours)
		sdk.add(b, theirs)
	}
	b.ReportMetric(float64(sdk.time)/float64(mine.time), "sdk/our-time")
	b.ReportMetric(float64(sdk.bytes)/float64(mine.bytes), "sdk/our-bytes")
	b.ReportMetric(float64(mine.time.Microseconds())/float64(b.N), "our-µs")
	b.ReportMetric(float64(sdk.time.Microseconds())/float64(b.N), "sdk-µs")
}

// cost is what several readings of the page took.
type cost struct {
	time  time.Duration
	bytes uint64
}

func (c *cost) add(b *testing.B, read func() int) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	started := time.Now()
	n := read()
	c.time += time.Since(started)
	runtime.ReadMemStats(&after)
	c.bytes += after.TotalAlloc - before.TotalAlloc
	if n < 900 {
		b.Fatalf("%d instances", n)
	}
}
