package oraclesim

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestCompartmentsAreATree: each lies in its parent, the whole tree comes at once, and the root is none of its children.
func TestCompartmentsAreATree(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(150, true))
	base := "https://" + hostOf("identity", "us-ashburn-1") + "/20160918/compartments"
	whole := c.elements(t, base+"?compartmentIdInSubtree=true&accessLevel=ANY&limit=1000&compartmentId="+c.tenancy)
	if len(whole) != len(c.compartments)-1 {
		t.Errorf("%d compartments in all, want %d", len(whole), len(c.compartments)-1)
	}
	below := map[string][]string{}
	for _, k := range whole {
		if k["id"] == c.tenancy {
			t.Error("the root is among what is below it")
		}
		parent := fmt.Sprint(k["compartmentId"])
		below[parent] = append(below[parent], fmt.Sprint(k["name"]))
		var alone map[string]any
		c.get(t, base+"/"+fmt.Sprint(k["id"]), &alone)
		if !equalJSON(alone, k) {
			t.Errorf("%v is %v alone", k, alone)
		}
	}
	for parent, names := range below {
		var got []string
		for _, k := range c.elements(t, base+"?compartmentId="+parent) {
			got = append(got, fmt.Sprint(k["name"]))
		}
		if !slices.Equal(got, names) {
			t.Errorf("%s holds %q, want %q", parent, got, names)
		}
	}
	var root struct{ ID, CompartmentID, Name string }
	c.get(t, base+"/"+c.tenancy, &root)
	if root.ID != c.tenancy || root.CompartmentID != c.tenancy || root.Name != tenancyName {
		t.Errorf("the root is %+v", root)
	}
	for params, want := range map[string]string{"&lifecycleState=DELETED": "old-poc", "&name=web": "web", "&name=nothing": "", "&lifecycleState=active&name=prod": "prod"} {
		var got []string
		for _, k := range c.elements(t, base+"?compartmentIdInSubtree=true&compartmentId="+c.tenancy+params) {
			got = append(got, fmt.Sprint(k["name"]))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", params, got, want)
		}
	}
}

// TestRegionsAreSubscribed: one is the home, and one is not ready and cannot be called.
func TestRegionsAreSubscribed(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{10: 3, 200: 4, 10_000: 9} {
		c := newCloud(t, world(n, false))
		subscribed := c.elements(t, "https://"+hostOf("identity", "us-ashburn-1")+"/20160918/tenancies/"+c.tenancy+"/regionSubscriptions")
		if len(subscribed) != want {
			t.Errorf("a tenancy of %d has %d regions, want %d", n, len(subscribed), want)
		}
		homes := 0
		for _, s := range subscribed {
			if s["isHomeRegion"] == true {
				homes++
			}
			ready := s["status"] == "READY"
			resp := c.do(c.signed(t, http.MethodGet, "https://"+hostOf("identity", fmt.Sprint(s["regionName"]))+"/20160918/regions", ""))
			if (resp.StatusCode == http.StatusOK) != ready {
				t.Errorf("%v is answered %d", s, resp.StatusCode)
			}
		}
		if homes != 1 || subscribed[len(subscribed)-1]["status"] != "IN_PROGRESS" {
			t.Errorf("%d homes in %v", homes, subscribed)
		}
	}
}

// TestDomainsAreThoseOfInstances: the small regions have one.
func TestDomainsAreThoseOfInstances(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10_000, false))
	for i, at := range c.live() {
		base := "https://" + hostOf("identity", at.name) + "/20160918"
		var ads []string
		for _, ad := range c.elements(t, base+"/availabilityDomains?compartmentId="+c.tenancy) {
			ads = append(ads, fmt.Sprint(ad["name"]))
		}
		if want := map[bool]int{true: 3, false: 1}[i < 4]; len(ads) != want {
			t.Errorf("%s has the domains %q, want %d", at.name, ads, want)
		}
		for _, all := range at.instances {
			for _, n := range all {
				if !slices.Contains(ads, n.ad) || !strings.HasPrefix(n.fd, "FAULT-DOMAIN-") {
					t.Fatalf("%s is in %s, %s", n.id, n.ad, n.fd)
				}
			}
		}
		fds := c.elements(t, base+"/faultDomains?compartmentId="+c.tenancy+"&availabilityDomain="+url.QueryEscape(ads[0]))
		if len(fds) != 3 || fds[2]["name"] != "FAULT-DOMAIN-3" || fds[0]["availabilityDomain"] != ads[0] {
			t.Errorf("%s has the fault domains %v", ads[0], fds)
		}
	}
	for params, want := range map[string]string{
		"?compartmentId=" + c.tenancy: "MissingParameter", "?compartmentId=" + c.tenancy + "&availabilityDomain=x": "InvalidParameter",
		"?availabilityDomain=x": "MissingParameter", "?compartmentId=" + c.tenancy + "&colour=red": "InvalidParameter",
	} {
		if status, body, _ := c.ask(t, http.MethodGet, "identity", "/20160918/faultDomains"+params, ""); status != http.StatusBadRequest || code(t, body) != want {
			t.Errorf("%s: %d %s, want %s", params, status, body, want)
		}
	}
}

// TestTheUserIsWhoSigns with the key that is registered.
func TestTheUserIsWhoSigns(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, false))
	base := "https://" + hostOf("identity", "us-ashburn-1") + "/20160918/users"
	users := c.elements(t, base+"?compartmentId="+c.tenancy)
	if len(users) != 1 || users[0]["id"] != c.user || users[0]["lifecycleState"] != "ACTIVE" {
		t.Errorf("users %v", users)
	}
	var alone map[string]any
	c.get(t, base+"/"+c.user, &alone)
	if !equalJSON(alone, users[0]) {
		t.Errorf("the user is %v alone", alone)
	}
	keys := c.elements(t, base+"/"+c.user+"/apiKeys")
	if len(keys) != 1 || keys[0]["fingerprint"] != c.Credentials().Values["fingerprint"] || keys[0]["keyId"] != c.tenancy+"/"+c.user+"/"+c.fingerprint {
		t.Fatalf("keys %v", keys)
	}
	block, _ := pem.Decode([]byte(fmt.Sprint(keys[0]["keyValue"])))
	if block == nil {
		t.Fatal("the public key is not in PEM form")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if public, ok := key.(*rsa.PublicKey); err != nil || !ok || !public.Equal(&c.key.PublicKey) {
		t.Errorf("the key is %T, %v, want the one that requests are signed with", key, err)
	}
	if strings.Contains(fmt.Sprint(keys), "PRIVATE") {
		t.Error("the private key is shown")
	}
}
