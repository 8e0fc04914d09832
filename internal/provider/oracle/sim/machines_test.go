package oraclesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// TestShapesSayWhatTheyOffer: what is flexible has options, what has GPUs names them.
func TestShapesSayWhatTheyOffer(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, false))
	var list []struct {
		Shape          string
		OCPUs          float64 `json:"ocpus"`
		MemoryInGBs    float64
		GPUs           int `json:"gpus"`
		GPUDescription *string
		IsFlexible     bool
		OcpuOptions    *struct{ Min, Max float64 }
		MemoryOptions  *struct{ MinInGBs, MaxInGBs, DefaultPerOcpuInGBs float64 }
		Stopped        bool `json:"isBilledForStoppedInstance"`
	}
	c.get(t, "https://iaas.us-ashburn-1.oraclecloud.com/20160918/shapes?limit=1000&compartmentId="+c.tenancy, &list)
	if len(list) != len(c.allShapes()) {
		t.Fatalf("%d shapes, want %d", len(list), len(c.allShapes()))
	}
	for _, s := range list {
		gpu := strings.Contains(s.Shape, "GPU")
		if gpu != (s.GPUs > 0) || gpu != (s.GPUDescription != nil) || s.OCPUs <= 0 || s.MemoryInGBs <= 0 {
			t.Errorf("%+v", s)
		}
		flexible := strings.HasSuffix(s.Shape, ".Flex")
		if flexible != s.IsFlexible || flexible != (s.OcpuOptions != nil) || flexible != (s.MemoryOptions != nil) {
			t.Errorf("%s is flexible: %v", s.Shape, s.IsFlexible)
		}
		if flexible && (s.OcpuOptions.Max <= s.OcpuOptions.Min || s.MemoryOptions.DefaultPerOcpuInGBs <= 0) {
			t.Errorf("%s has the options %+v, %+v", s.Shape, s.OcpuOptions, s.MemoryOptions)
		}
		if s.Stopped != (gpu && strings.HasPrefix(s.Shape, "BM.")) {
			t.Errorf("%s is billed when stopped: %v", s.Shape, s.Stopped)
		}
	}
}

// TestInstancesHaveOneCardOfTheNetwork which leads from attachment to address, and an image that is there.
func TestInstancesHaveOneCardOfTheNetwork(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(200, true))
	at := c.regions[0]
	base := "https://" + hostOf("iaas", at.name) + "/20160918"
	addresses := map[string]bool{}
	for _, n := range at.instances[c.compartments[1]] {
		attached := c.elements(t, base+"/vnicAttachments?compartmentId="+n.compartment.id+"&instanceId="+n.id)
		if gone := n.state == "TERMINATED"; gone != (len(attached) == 0) {
			t.Errorf("%s, which is %s, has %d attachments", n.id, n.state, len(attached))
		}
		if len(attached) == 0 {
			continue
		}
		a := attached[0]
		if a["instanceId"] != n.id || a["compartmentId"] != n.compartment.id || a["availabilityDomain"] != n.ad || a["lifecycleState"] != "ATTACHED" {
			t.Errorf("%s is attached as %v", n.id, a)
		}
		var card struct {
			ID, PrivateIP, AvailabilityDomain, DisplayName string
			IsPrimary                                      bool
		}
		c.get(t, base+"/vnics/"+fmt.Sprint(a["vnicId"]), &card)
		if card.ID != a["vnicId"] || card.AvailabilityDomain != n.ad || !card.IsPrimary || !strings.HasPrefix(card.PrivateIP, "10.0.") {
			t.Errorf("%s has the card %+v", n.id, card)
		}
		addresses[card.PrivateIP] = true
		var whole struct{ ImageID string }
		c.get(t, base+"/instances/"+n.id, &whole)
		var image struct{ ID, OperatingSystem, LifecycleState string }
		c.get(t, base+"/images/"+whole.ImageID, &image)
		if image.ID != whole.ImageID || image.OperatingSystem != "Oracle Linux" || image.LifecycleState != "AVAILABLE" {
			t.Errorf("%s runs the image %+v", n.id, image)
		}
	}
	if len(addresses) < 2 {
		t.Errorf("all instances have the addresses %v", addresses)
	}
	denied := relative(at.instances[c.restricted][0].id, "vnic", 0)
	if status, _, _ := c.ask(t, http.MethodGet, "iaas", "/20160918/vnics/"+denied, ""); status != http.StatusNotFound {
		t.Errorf("a card of what may not be read is answered %d", status)
	}
}

func TestImagesAreFiltered(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, false))
	base := "https://iaas.us-phoenix-1.oraclecloud.com/20160918/images?compartmentId=" + c.tenancy
	for params, want := range map[string]int{
		"": 1, "&operatingSystem=Oracle%20Linux": 1, "&operatingSystem=Windows": 0, "&operatingSystemVersion=9": 1, "&operatingSystemVersion=8": 0,
		"&displayName=Oracle-Linux-9.6-2026.09.30-0": 1, "&displayName=mine": 0, "&lifecycleState=AVAILABLE": 1, "&shape=VM.Standard2.4&sortBy=TIMECREATED": 1,
	} {
		if got := c.elements(t, base+params); len(got) != want {
			t.Errorf("%s: %d images, want %d", params, len(got), want)
		}
	}
}

// TestCapacityIsReported for shapes that are known, in the tenancy's own domains.
func TestCapacityIsReported(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, true))
	ad := c.regions[0].ads[0]
	report := func(compartment, domain string, shapes ...string) string {
		var asked []object
		for _, s := range shapes {
			asked = append(asked, object{"instanceShape": s, "faultDomain": "FAULT-DOMAIN-1", "instanceShapeConfig": object{"ocpus": 1}})
		}
		return string(sim.AppendJSON(nil, object{"compartmentId": compartment, "availabilityDomain": domain, "shapeAvailabilities": asked}))
	}
	for _, tt := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"each shape by itself", report(c.tenancy, ad, "VM.Standard.E4.Flex", "BM.GPU.H100.8", "BM.GPU.Z1.8"), 200, "AVAILABLE 16, OUT_OF_HOST_CAPACITY 0, HARDWARE_NOT_SUPPORTED <nil>"},
		{"no shape", report(c.tenancy, ad), 200, ""},
		{"a domain of another region", report(c.tenancy, c.regions[1].ads[0], "VM.Standard.E4.Flex"), 400, "InvalidParameter"},
		{"a compartment that is not the tenancy", report(c.compartments[1].id, ad, "VM.Standard.E4.Flex"), 404, "NotAuthorizedOrNotFound"},
		{"no JSON", `{`, 400, "CannotParseRequest"},
		{"an unknown field", `{"colour":"red"}`, 400, "CannotParseRequest"},
	} {
		status, body, _ := c.ask(t, http.MethodPost, "iaas", "/20160918/computeCapacityReports", tt.body)
		if status != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.name, status, body, tt.status)
			continue
		}
		if status != http.StatusOK {
			if got := code(t, body); got != tt.want {
				t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
			}
			continue
		}
		var out struct {
			CompartmentID, AvailabilityDomain, TimeCreated string
			ShapeAvailabilities                            []struct {
				InstanceShape, AvailabilityStatus, FaultDomain string
				AvailableCount                                 any
			}
		}
		if err := json.Unmarshal([]byte(body), &out); err != nil || out.CompartmentID != c.tenancy || out.AvailabilityDomain != ad || out.TimeCreated == "" {
			t.Errorf("%s: %s, %v", tt.name, body, err)
		}
		var got []string
		for _, a := range out.ShapeAvailabilities {
			got = append(got, fmt.Sprint(a.AvailabilityStatus, " ", a.AvailableCount))
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestContainersBelongToTheirInstances in number and place.
func TestContainersBelongToTheirInstances(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(400, false))
	for _, at := range c.live() {
		base := "https://" + hostOf("compute-containers", at.name) + "/20210415"
		for _, k := range c.compartments[:3] {
			count := map[string]int{}
			for _, o := range c.elements(t, base+"/containers?limit=1000&compartmentId="+k.id) {
				count[fmt.Sprint(o["containerInstanceId"])]++
				if o["compartmentId"] != k.id || o["imageUrl"] == "" || !strings.HasPrefix(fmt.Sprint(o["id"]), "ocid1.computecontainer.oc1."+at.key) {
					t.Errorf("a container is %v", o)
				}
			}
			for _, n := range at.containers[k] {
				if count[n.id] != n.count {
					t.Errorf("%s has %d containers, want %d", n.id, count[n.id], n.count)
				}
				var whole struct {
					Containers     []struct{ ContainerID, DisplayName string }
					VNICs          []struct{ VnicID string } `json:"vnics"`
					ContainerCount int
				}
				c.get(t, base+"/containerInstances/"+n.id, &whole)
				if len(whole.Containers) != n.count || whole.ContainerCount != n.count || len(whole.VNICs) != 1 || whole.Containers[0].DisplayName != n.name+"-01" {
					t.Errorf("%s is %+v", n.id, whole)
				}
			}
		}
	}
}

// TestOptionsNameWhatClustersHave: their versions, shapes and images.
func TestOptionsNameWhatClustersHave(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(400, false))
	var cluster struct {
		KubernetesVersions       []string
		ClusterPodNetworkOptions []struct{ CniType string }
	}
	var pool struct {
		KubernetesVersions, Shapes, Images []string
		Sources                            []struct{ SourceType, ImageID string }
	}
	base := "https://" + hostOf("containerengine", "us-phoenix-1") + "/20180222"
	c.get(t, base+"/clusterOptions/all", &cluster)
	c.get(t, base+"/nodePoolOptions/all", &pool)
	if len(cluster.ClusterPodNetworkOptions) != 2 || len(pool.Sources) != 1 || pool.Sources[0].ImageID != imageID(c.regions[1]) || len(pool.Images) != 1 {
		t.Errorf("options %+v and %+v", cluster, pool)
	}
	for _, at := range c.live() {
		for _, all := range at.clusters {
			for _, k := range all {
				if !slices.Contains(cluster.KubernetesVersions, k.version) {
					t.Errorf("%s has the version %s, which is no option", k.id, k.version)
				}
			}
		}
		for _, all := range at.pools {
			for _, p := range all {
				if !slices.Contains(pool.Shapes, p.shape.name) {
					t.Errorf("%s has the shape %s, which is no option", p.id, p.shape.name)
				}
			}
		}
	}
}

// TestLimitsAreUsedByInstances that are there.
func TestLimitsAreUsedByInstances(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(300, false))
	for _, at := range c.live() {
		for _, name := range gpuLimits() {
			total := 0
			for _, ad := range at.ads {
				var got struct{ Used, Available int }
				c.get(t, "https://"+hostOf("limits", at.name)+"/20190729/services/compute/limits/"+name+"/resourceAvailability?compartmentId="+
					c.tenancy+"&availabilityDomain="+url.QueryEscape(ad), &got)
				total += got.Used
				if got.Used < 0 || got.Available != max(0, gpuLimit-got.Used) {
					t.Errorf("%s in %s: %+v", name, ad, got)
				}
			}
			want := 0
			for _, all := range at.instances {
				for _, n := range all {
					if n.shape.limit() == name && n.state != "TERMINATED" {
						want += n.shape.gpus
					}
				}
			}
			if total != want {
				t.Errorf("%s in %s: %d are used, want %d", name, at.name, total, want)
			}
		}
	}
}

func TestLimitsAreTheTenancys(t *testing.T) {
	t.Parallel()
	c := newCloud(t, world(10, true))
	ad := url.QueryEscape(c.regions[0].ads[0])
	of := "?compartmentId=" + c.tenancy
	for _, tt := range []struct {
		path   string
		status int
		want   string // a part of the answer, or its code
	}{
		{"/services" + of, 200, `"name":"compute"`}, {"/services", 400, "MissingParameter"}, {"/services?compartmentId=" + c.compartments[1].id, 404, "NotAuthorizedOrNotFound"},
		{"/services" + of + "&colour=red", 400, "InvalidParameter"},
		{"/limitDefinitions" + of, 200, "gpu4-count"}, {"/limitDefinitions" + of + "&name=gpu4-count&serviceName=compute", 200, "gpu4-count"}, {"/limitDefinitions" + of + "&serviceName=database", 200, "[]"},
		{"/limitValues" + of, 400, "MissingParameter"}, {"/limitValues" + of + "&serviceName=compute&name=gpu-a10-count&availabilityDomain=" + ad, 200, `"value":16`},
		{"/limitValues" + of + "&serviceName=compute&scopeType=REGION", 200, "[]"}, {"/limitValues" + of + "&serviceName=none", 200, "[]"},
		{"/services/compute/limits/gpu4-count/resourceAvailability" + of + "&availabilityDomain=" + ad, 200, `"available":`},
		{"/services/compute/limits/gpu4-count/resourceAvailability" + of, 400, "MissingParameter"},
		{"/services/compute/limits/gpu4-count/resourceAvailability" + of + "&availabilityDomain=x", 400, "InvalidParameter"},
		{"/services/compute/limits/other/resourceAvailability" + of + "&availabilityDomain=" + ad, 404, "NotAuthorizedOrNotFound"},
		{"/services/database/limits/gpu4-count/resourceAvailability" + of + "&availabilityDomain=" + ad, 404, "NotAuthorizedOrNotFound"},
	} {
		status, body, _ := c.ask(t, http.MethodGet, "limits", "/20190729"+tt.path, "")
		if status != tt.status || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %.200s, want %d with %s", tt.path, status, body, tt.status, tt.want)
		}
	}
}
