package oraclesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// shown is a resource to search for.
func shown(kind, name, state string, labels ...string) found {
	t := &thing{
		id: "ocid1." + strings.ToLower(kind) + ".oc1.iad.x", name: name, state: state, ad: "Uocm:IAD-AD-1", compartment: &compartment{id: "c1"},
		created: sim.Epoch, tags: &tags{free: map[string]string{}, defined: map[string]map[string]string{}},
	}
	for i := 0; i+1 < len(labels); i += 2 {
		if namespace, key, ok := strings.Cut(labels[i], "."); ok {
			t.tags.defined[namespace] = map[string]string{key: labels[i+1]}
		} else {
			t.tags.free[labels[i]] = labels[i+1]
		}
	}
	return found{t, kind}
}

// TestSearchesFindWhatTheySay: the language of docs.oracle.com/iaas/Content/Search/Concepts/querysyntax.htm.
func TestSearchesFindWhatTheySay(t *testing.T) {
	t.Parallel()
	all := []found{
		shown("AutonomousDatabase", "sales", "AVAILABLE", "team", "data"), shown("Instance", "web-1", "RUNNING", "team", "web"),
		shown("Instance", "web-2", "STOPPED", "Oracle-Tags.CreatedBy", "alice"), shown("Instance", "Batch", "RUNNING"),
	}
	for query, want := range map[string]string{
		"query all resources":                                                                                      "sales web-1 web-2 Batch",
		"Query ALL Resources":                                                                                      "sales web-1 web-2 Batch",
		"query instance resources":                                                                                 "web-1 web-2 Batch",
		"query instance, autonomousdatabase resources":                                                             "sales web-1 web-2 Batch",
		"query AutonomousDatabase resources":                                                                       "sales",
		"query unknowntype resources":                                                                              "",
		"query instance resources where lifecycleState = 'RUNNING'":                                                "web-1 Batch",
		"query instance resources where lifeCycleState = 'running'":                                                "web-1 Batch",
		`query instance resources where lifecycleState = "RUNNING"`:                                                "web-1 Batch",
		"query instance resources where lifecycleState != 'RUNNING'":                                               "web-2",
		"query all resources where displayName =~ 'WEB'":                                                           "web-1 web-2",
		"query all resources where displayName = 'web'":                                                            "",
		"query all resources where displayName='web-1'&&lifecycleState='RUNNING'":                                  "web-1",
		"query all resources where displayName = 'web-1' || displayName = 'sales'":                                 "sales web-1",
		"query all resources where displayName = 'sales' || displayName =~ 'web' && lifecycleState = 'STOPPED'":    "sales web-2",
		"query all resources where (displayName = 'sales' || displayName =~ 'web') && lifecycleState != 'STOPPED'": "sales web-1",
		"query all resources where ((displayName = 'sales'))":                                                      "sales",
		"query all resources where resourceType = 'instance'":                                                      "web-1 web-2 Batch",
		"query all resources where compartmentId = 'c1' && availabilityDomain = 'Uocm:IAD-AD-1'":                   "sales web-1 web-2 Batch",
		"query all resources where identifier = 'ocid1.autonomousdatabase.oc1.iad.x'":                              "sales",
		"query all resources where freeformTags.key = 'team'":                                                      "sales web-1",
		"query all resources where freeformTags.key = 'team' && freeformTags.value = 'web'":                        "web-1",
		"query all resources where definedTags.namespace = 'Oracle-Tags'":                                          "web-2",
		"query all resources where definedTags.key = 'CreatedBy' && definedTags.value = 'alice'":                   "web-2",
		"query all resources where timeCreated >= '2026-11-01T12:00:00Z'":                                          "sales web-1 web-2 Batch",
		"query all resources where timeCreated > '2026-11-01T13:00:00+02:00'":                                      "sales web-1 web-2 Batch",
		"query all resources where timeCreated < '2026-11-01T12:00:00Z'":                                           "",
		"query all resources where timeCreated <= '2026-11-01T12:00:00Z' && displayName = 'sales'":                 "sales",
		"query instance resources return allAdditionalFields":                                                      "web-1 web-2 Batch",
		"query instance resources return displayName, identifier where displayName = 'Batch'":                      "Batch",
		"query all resources sorted by displayName":                                                                "Batch sales web-1 web-2",
		"query all resources sorted by displayName asc":                                                            "Batch sales web-1 web-2",
		"query all resources where displayName != 'Batch' sorted by displayName desc":                              "web-2 web-1 sales",
		"query all resources sorted by timeCreated desc":                                                           "sales web-1 web-2 Batch",
	} {
		s, err := parseSearch(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		var got []found
		for _, f := range all {
			if s.wants(f.kind) && s.keep(&f) {
				got = append(got, f)
			}
		}
		var titles []string
		for _, f := range s.order(got) {
			titles = append(titles, f.name)
		}
		if strings.Join(titles, " ") != want {
			t.Errorf("%s: finds %q, want %q", query, strings.Join(titles, " "), want)
		}
	}
}

func TestSearchesThatCannotBeReadAreRefused(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"": `expected "query"`, "all resources": `expected "query"`, "query": "too early", "query all": `expected "resources"`,
		"query all resource":                                                "expected",
		"query all resources where":                                         "too early",
		"query all resources where displayName":                             "too early",
		"query all resources where displayName =":                           "too early",
		"query all resources where colour = 'red'":                          "unknown field colour",
		"query all resources where displayName like 'x'":                    "unknown operator like",
		"query all resources where displayName == 'x'":                      "",
		"query all resources where (displayName = 'x'":                      `expected ")"`,
		"query all resources where displayName = 'x')":                      "nothing is expected",
		"query all resources where displayName = 'x' && ":                   "too early",
		"query all resources where displayName = 'x' displayName = 'y'":     "nothing is expected",
		"query all resources sorted displayName":                            `expected "by"`,
		"query all resources sorted by":                                     "too early",
		"query all resources sorted by colour":                              "unknown field colour",
		"query all resources sorted by displayName upwards":                 "nothing is expected",
		"query all resources sorted by displayName where displayName = 'x'": "nothing is expected",
		"query all resources;":                                              "expected",
	} {
		if s, err := parseSearch(query); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is read as %+v, %v, want refused with %q", query, s, err, want)
		}
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("query instance, all resources return x where (a = 'b' || displayName =~ 'c') && lifecycleState != 'd' sorted by displayName desc")
	f.Add("query all resources where timeCreated > '2026-11-01T12:00:00Z'")
	f.Add("query ( ) ' \" && ||")
	one := shown("Instance", "web-1", "RUNNING", "team", "web")
	f.Fuzz(func(t *testing.T, query string) {
		s, err := parseSearch(query)
		if err != nil {
			return
		}
		if len(s.types) == 0 || s.keep == nil {
			t.Errorf("%q is read as %+v", query, s)
		}
		s.keep(&one)
		s.order([]found{one, one})
	})
}

// TestTextIsFoundAnywhere in names, identifiers, states, types and tags, whatever its case.
func TestTextIsFoundAnywhere(t *testing.T) {
	t.Parallel()
	f := shown("Instance", "web-1", "RUNNING", "team", "Platform", "Ops.Owner", "Zoë")
	for text, want := range map[string]bool{
		"web": true, "WEB-1": true, "running": true, "instance": true, "platform": true, "team": true, "owner": true, "zoë": true, "ops": true,
		"iad.x": true, "": true, "prod": false, "stopped": false,
	} {
		if f.mentions(text) != want {
			t.Errorf("%q is mentioned: %v, want %v", text, !want, want)
		}
	}
}

// results decodes the answer to a search.
func (c *cloud) results(t *testing.T, region, body, params string) ([]map[string]any, http.Header) {
	t.Helper()
	resp := c.do(c.signed(t, http.MethodPost, "https://"+hostOf("query", region)+"/20180409/resources"+params, body))
	var out struct{ Items []map[string]any }
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode != http.StatusOK || out.Items == nil {
		t.Fatalf("%s: %d, %v", body, resp.StatusCode, err)
	}
	return out.Items, resp.Header
}

// TestASearchSeesWhatListsSee in all compartments of its region, and nothing of what may not be read.
func TestASearchSeesWhatListsSee(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(300, true))
	for _, at := range c.live() {
		var want []string
		for _, r := range c.Truth().Resources {
			if r.Region == at.name && r.Type != "node_pool" && r.Type != "virtual_node_pool" {
				want = append(want, r.ID)
			}
		}
		const body = `{"type":"Structured","query":"query all resources where lifecycleState != 'TERMINATED' && lifecycleState != 'DELETED'","matchingContextType":"NONE"}`
		var got []string
		for page := ""; ; {
			params := "?limit=7"
			if page != "" {
				params += "&page=" + url.QueryEscape(page)
			}
			items, header := c.results(t, at.name, body, params)
			for _, i := range items {
				got = append(got, fmt.Sprint(i["identifier"]))
				created, err := time.Parse(time.RFC3339, fmt.Sprint(i["timeCreated"]))
				if err != nil || created.IsZero() || i["compartmentId"] == c.restricted.id || i["id"] != nil || i["resourceType"] == nil || i["displayName"] == nil {
					t.Errorf("found %v, %v", i, err)
				}
			}
			if page = header.Get("Opc-Next-Page"); page == "" {
				break
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s: found %d resources, want %d", at.name, len(got), len(want))
		}
	}
	few, _ := c.results(t, c.regions[0].name, `{"type":"FreeText","text":"`+first(c, c.regions[0].databases).dbName+`"}`, "")
	all, _ := c.results(t, c.regions[0].name, `{"type":"FreeText","text":""}`, "?limit=1000")
	if len(few) == 0 || len(few) >= len(all) {
		t.Errorf("a text is found %d times, no text %d times", len(few), len(all))
	}
}
