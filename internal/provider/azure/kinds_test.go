package azure

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

func TestWordsForStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		service, row string
		status       cloud.Status
		native       string
	}{
		{"vms", `{"power":"PowerState/starting"}`, cloud.StatusStarting, "starting"},
		{"vms", `{"power":"PowerState/deallocating"}`, cloud.StatusStopping, "deallocating"},
		{"vms", `{"power":"PowerState/unknown","provisioning":"Succeeded"}`, cloud.StatusUnknown, "unknown"},
		{"vms", `{"provisioning":"Creating"}`, cloud.StatusStarting, "Creating"},
		{"vms", `{"provisioning":"Failed"}`, cloud.StatusFailed, "Failed"},
		{"vms", `{"provisioning":"Deleting"}`, cloud.StatusStopping, "Deleting"},
		{"scale_sets", `{"provisioning":"Succeeded","sku":{"capacity":2}}`, cloud.StatusRunning, "Succeeded"},
		{"scale_sets", `{"provisioning":"Succeeded","sku":{"capacity":0}}`, cloud.StatusStopped, "Succeeded"},
		{"scale_sets", `{"provisioning":"Succeeded","sku":{}}`, cloud.StatusUnknown, "Succeeded"},
		{"scale_sets", `{"provisioning":"Failed","sku":{"capacity":2}}`, cloud.StatusFailed, "Failed"},
		{"aks", `{"provisioning":"Updating","clusterPower":"Running"}`, cloud.StatusRunning, "Running"},
		{"aks", `{"provisioning":"Succeeded","clusterPower":"Stopped"}`, cloud.StatusStopped, "Stopped"},
		{"aks", `{"provisioning":"Creating","clusterPower":"Running"}`, cloud.StatusStarting, "Creating"},
		{"aks", `{"provisioning":"Failed"}`, cloud.StatusFailed, "Failed"},
		{"functions", `{"state":"Running"}`, cloud.StatusRunning, "Running"},
		{"web_apps", `{"state":"Stopped"}`, cloud.StatusStopped, "Stopped"},
		{"web_apps", `{}`, cloud.StatusUnknown, ""},
		{"container_apps", `{"running":"Suspended","provisioning":"Succeeded"}`, cloud.StatusStopped, "Suspended"},
		{"container_apps", `{"provisioning":"Succeeded"}`, cloud.StatusUnknown, "Succeeded"},
		{"container_apps", `{"provisioning":"InProgress"}`, cloud.StatusStarting, "InProgress"},
		{"sql", `{"dbStatus":"Paused"}`, cloud.StatusStopped, "Paused"},
		{"sql", `{"dbStatus":"Pausing"}`, cloud.StatusStopping, "Pausing"},
		{"sql", `{"dbStatus":"Suspect"}`, cloud.StatusFailed, "Suspect"},
		{"sql", `{"dbStatus":"Scaling"}`, cloud.StatusRunning, "Scaling"},
		{"sql", `{"dbStatus":"Restoring"}`, cloud.StatusStarting, "Restoring"},
		{"sql", `{"dbStatus":"SomethingNew"}`, cloud.StatusUnknown, "SomethingNew"},
		{"postgresql", `{"state":"Ready"}`, cloud.StatusRunning, "Ready"},
		{"postgresql", `{"state":"Dropping"}`, cloud.StatusStopping, "Dropping"},
		{"postgresql", `{"state":"Provisioning"}`, cloud.StatusStarting, "Provisioning"},
		{"postgresql", `{"state":"Disabled"}`, cloud.StatusStopped, "Disabled"},
		{"postgresql", `{"state":"Inaccessible"}`, cloud.StatusFailed, "Inaccessible"},
	}
	for _, tt := range tests {
		k, _ := kindOf(tt.service)
		var r row
		if err := json.Unmarshal([]byte(tt.row), &r); err != nil {
			t.Fatal(err)
		}
		if got := k.resource(&r); got.Status != tt.status || got.NativeStatus != tt.native {
			t.Errorf("%s %s: got %s (%q), want %s (%q)", tt.service, tt.row, got.Status, got.NativeStatus, tt.status, tt.native)
		}
	}
}

func TestRowsBelongToTheirService(t *testing.T) {
	t.Parallel()
	types := byType()
	for text, want := range map[string]string{
		`{"type":"Microsoft.Web/sites","kind":"functionapp,linux"}`:                       "functions",
		`{"type":"microsoft.web/sites","kind":"FunctionApp"}`:                             "functions",
		`{"type":"microsoft.web/sites","kind":"app,linux,container"}`:                     "web_apps",
		`{"type":"microsoft.web/sites","kind":null}`:                                      "web_apps",
		`{"type":"microsoft.sql/servers/databases","kind":"v12.0,user,vcore,serverless"}`: "sql",
		`{"type":"microsoft.sql/servers/databases","kind":"v12.0,system"}`:                "",
		`{"type":"microsoft.storage/storageaccounts"}`:                                    "",
	} {
		var r row
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		it, ok := r.item(types)
		if got := it.Service; got != want || ok != (want != "") {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestTimesWithAndWithoutZone(t *testing.T) {
	t.Parallel()
	want := time.Date(2025, 3, 14, 9, 26, 53, 0, time.UTC)
	for text, ok := range map[string]bool{
		"2025-03-14T09:26:53Z": true, "2025-03-14T10:26:53+01:00": true, "2025-03-14T09:26:53.0000000Z": true,
		"2025-03-14T09:26:53": true, "2025-03-14T09:26:53.0000000": true, "": false, "soon": false,
	} {
		if got := moment(text); got.Equal(want) != ok || !ok && !got.IsZero() {
			t.Errorf("%q: got %v, want %v: %v", text, got, want, ok)
		}
	}
}

func TestMemoryOfContainers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"2Gi": 2, "0.5Gi": 0.5, "512Mi": 0.5, "1G": 0, "": 0, "xGi": 0} {
		if got := memoryGB(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func FuzzPages(f *testing.F) {
	f.Add([]byte(`{"data":[{"id":"/subscriptions/a/x","type":"microsoft.compute/virtualmachines","subscriptionId":"a","tags":{"k":"v"}}],"$skipToken":"t"}`))
	f.Add([]byte(`{"data":[{"id":"a","type":"microsoft.sql/servers/databases","sku":{"name":"n","capacity":2},"maxBytes":1}],"resultTruncated":"true"}`))
	f.Add([]byte(`{"data":[{"type":"microsoft.app/containerapps","containers":[{"resources":{"cpu":0.5,"memory":"1Gi"}}]}]}`))
	f.Add([]byte(`{"data":[{"type":"microsoft.containerservice/managedclusters","pools":[{"vmSize":"Standard_NC6"},{"count":2}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		page := &graphPage{types: byType()}
		if page.read(json.NewDecoder(bytes.NewReader(data))) != nil {
			return
		}
		inv := &inventory{parts: map[part][]item{}, readable: map[string]bool{}}
		_ = inv.add(page, "t")
		n := 0
		for _, items := range inv.parts {
			for i := range items {
				if r := items[i].sized(nil); r.Status == "" || r.Type == "" {
					t.Errorf("got %+v from %s", r, data)
				}
				n++
			}
		}
		if n > page.rows {
			t.Errorf("%d resources of %d rows", n, page.rows)
		}
	})
}
