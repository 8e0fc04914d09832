package gcpsim_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestListsAreFiltered(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 3, Counts: map[string]int{"gcp": 200}})
	p := a.Truth().Accounts[0]
	const compute = "compute.googleapis.com/compute/v1/projects/"
	status := func(v map[string]any) string { return v["status"].(string) }
	label := func(v map[string]any, name string) string {
		labels, _ := v["labels"].(map[string]any)
		text, _ := labels[name].(string)
		return text
	}
	for _, c := range []struct {
		list, field, filter string
		keep                func(map[string]any) bool
	}{
		{"/aggregated/instances", "instances", "status = RUNNING", func(v map[string]any) bool { return status(v) == "RUNNING" }},
		{"/aggregated/instances", "instances", `status="RUNNING"`, func(v map[string]any) bool { return status(v) == "RUNNING" }},
		{"/aggregated/instances", "instances", "status != RUNNING", func(v map[string]any) bool { return status(v) != "RUNNING" }},
		{"/aggregated/instances", "instances", "(status = RUNNING) (name eq web.*)", func(v map[string]any) bool {
			return status(v) == "RUNNING" && strings.HasPrefix(v["name"].(string), "web")
		}},
		{"/aggregated/instances", "instances", "name ne web.*", func(v map[string]any) bool { return !strings.HasPrefix(v["name"].(string), "web") }},
		{"/aggregated/instances", "instances", "labels.env = prod AND status = RUNNING", func(v map[string]any) bool {
			return label(v, "env") == "prod" && status(v) == "RUNNING"
		}},
		{"/aggregated/instances", "instances", "labels.env:*", func(v map[string]any) bool { return label(v, "env") != "" }},
		{"/aggregated/instances", "instances", "labels.team:DATA", func(v map[string]any) bool { return strings.Contains(strings.ToLower(label(v, "team")), "data") }},
		{"/aggregated/instances", "instances", "scheduling.preemptible = true", func(v map[string]any) bool {
			return v["scheduling"].(map[string]any)["preemptible"] == true
		}},
		{"/aggregated/instances", "instances", "machineType = e2-standard-4", func(v map[string]any) bool { return strings.HasSuffix(v["machineType"].(string), "/e2-standard-4") }},
		{"/zones/us-central1-a/instances", "items", "status = RUNNING", func(v map[string]any) bool { return status(v) == "RUNNING" }},
		{"/zones", "items", "name = us-central1-a", func(v map[string]any) bool { return v["name"] == "us-central1-a" }},
		{"/aggregated/machineTypes", "machineTypes", "name = a3-highgpu-8g", func(v map[string]any) bool { return v["name"] == "a3-highgpu-8g" }},
		{"/aggregated/machineTypes", "machineTypes", "isSharedCpu = true", func(v map[string]any) bool { return v["isSharedCpu"] == true }},
	} {
		_, whole := a.get(compute + p + c.list)
		code, got := a.get(compute + p + c.list + "?filter=" + url.QueryEscape(c.filter))
		want := 0
		for _, row := range rows(whole, c.field) {
			if c.keep(row) {
				want++
			}
		}
		for _, row := range rows(got, c.field) {
			if !c.keep(row) {
				t.Errorf("%s: %v is not what was asked for", c.filter, row["name"])
			}
		}
		if n := len(rows(got, c.field)); code != 200 || n != want || (want == 0 && !strings.Contains(c.filter, "DATA")) {
			t.Errorf("%s: got %d with %d rows, want %d", c.filter, code, n, want)
		}
	}
	for _, bad := range []string{"status", "status >", "status = RUNNING OR name = x", "= x", "name eq (", "status = a b", `name = "x`} {
		for _, list := range []string{"/aggregated/instances", "/zones", "/aggregated/machineTypes"} {
			if code, body := a.get(compute + p + list + "?filter=" + url.QueryEscape(bad)); code != 400 {
				t.Errorf("%s of %q: got %d %v, want 400", list, bad, code, body)
			}
		}
	}
}

func TestZonesRegionsAndTypesFitTogether(t *testing.T) {
	t.Parallel()
	a := signIn(t, sim.Options{Seed: 3, Counts: map[string]int{"gcp": 200}})
	p := a.Truth().Accounts[0]
	base := "compute.googleapis.com/compute/v1/projects/" + p
	_, regions := a.get(base + "/regions")
	_, zones := a.get(base + "/zones")
	inside := map[string]bool{}
	for _, r := range rows(regions, "items") {
		for _, z := range r["zones"].([]any) {
			inside[z.(string)] = true
		}
		if _, one := a.get(base + "/regions/" + r["name"].(string)); asJSON(one) != asJSON(r) {
			t.Errorf("region %v by itself is %v", r["name"], one)
		}
	}
	for _, z := range rows(zones, "items") {
		if !inside[z["selfLink"].(string)] || !strings.HasPrefix(z["name"].(string), z["region"].(string)[strings.LastIndexByte(z["region"].(string), '/')+1:]) {
			t.Errorf("zone %v is in no region", z)
		}
		if _, one := a.get(base + "/zones/" + z["name"].(string)); asJSON(one) != asJSON(z) {
			t.Errorf("zone %v by itself is %v", z["name"], one)
		}
	}
	types := map[string]bool{}
	_, machines := a.get(base + "/zones/us-central1-a/machineTypes")
	for _, m := range rows(machines, "items") {
		types[m["name"].(string)] = true
		if m["guestCpus"].(float64) < 1 || m["memoryMb"].(float64) < 600 {
			t.Errorf("%v has %v CPUs and %v MB", m["name"], m["guestCpus"], m["memoryMb"])
		}
	}
	cards := map[string]bool{}
	_, accelerators := a.get(base + "/zones/us-central1-a/acceleratorTypes")
	for _, c := range rows(accelerators, "items") {
		cards[c["name"].(string)] = true
	}
	_, instances := a.get(base + "/aggregated/instances")
	for _, v := range rows(instances, "instances") {
		kind := v["machineType"].(string)
		if !types[kind[strings.LastIndexByte(kind, '/')+1:]] {
			t.Errorf("%v is of type %s, which no zone has", v["name"], kind)
		}
		attached, _ := v["guestAccelerators"].([]any)
		for _, c := range attached {
			kind := c.(map[string]any)["acceleratorType"].(string)
			if !cards[kind[strings.LastIndexByte(kind, '/')+1:]] {
				t.Errorf("%v has a %s, which no zone has", v["name"], kind)
			}
		}
	}
	for _, target := range []string{"/zones/mars-1a/instances", "/zones/mars-1a/instances/x", "/zones/mars-1a/machineTypes", "/zones/mars-1a/acceleratorTypes"} {
		if status, _ := a.get(base + target); status != 400 {
			t.Errorf("%s: got %d, want 400", target, status)
		}
	}
	for _, target := range []string{"/zones/mars-1a", "/regions/mars-1"} {
		if status, _ := a.get(base + target); status != 404 {
			t.Errorf("%s: got %d, want 404", target, status)
		}
	}
	if _, project := a.get(base); project["name"] != p || len(rows(project, "quotas")) == 0 {
		t.Errorf("the project is %v", project)
	}
}
