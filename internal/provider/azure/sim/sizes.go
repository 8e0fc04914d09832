package azuresim

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// size is a virtual machine size. GPUs are counted as people count them: a sixth of a card is a sixth.
type size struct {
	name, family string
	vcpus        int
	memoryGB     float64
	gpus         float64
	gpu          string // the card
	usd          float64
	series       string // in the price list
}

// sizes are some of the published ones, with list prices of West Europe on Linux as of 2026.
func sizes() []size {
	return []size{
		{"Standard_B2s", "standardBSFamily", 2, 4, 0, "", 0.048, "BS Series"},
		{"Standard_B2ms", "standardBSFamily", 2, 8, 0, "", 0.096, "BS Series"},
		{"Standard_D2s_v5", "standardDSv5Family", 2, 8, 0, "", 0.115, "Dsv5 Series"},
		{"Standard_D4s_v5", "standardDSv5Family", 4, 16, 0, "", 0.23, "Dsv5 Series"},
		{"Standard_D8s_v5", "standardDSv5Family", 8, 32, 0, "", 0.46, "Dsv5 Series"},
		{"Standard_E4-2as_v5", "standardEASv5Family", 2, 32, 0, "", 0.271, "Easv5 Series"},
		{"Standard_E16s_v5", "standardESv5Family", 16, 128, 0, "", 1.216, "Esv5 Series"},
		{"Standard_F8s_v2", "standardFSv2Family", 8, 16, 0, "", 0.388, "FSv2 Series"},
		{"Standard_DS3_v2", "standardDSv2Family", 4, 14, 0, "", 0.273, "DSv2 Series"},
		{"Standard_NC4as_T4_v3", "Standard NCASv3_T4 Family", 4, 28, 1, "T4", 0.605, "NCasv3 T4 Series"},
		{"Standard_NC24ads_A100_v4", "StandardNCADSA100v4Family", 24, 220, 1, "A100 PCIe", 4.775, "NCads A100 v4 Series"},
		{"Standard_NC80adis_H100_v5", "StandardNCadsH100v5Family", 80, 640, 2, "H100 NVL", 18.15, "NCadsH100v5 Series"},
		{"Standard_ND96isr_H100_v5", "standardNDSH100v5Family", 96, 1900, 8, "H100 SXM", 127.82, "NDsr H100 v5 Series"},
		{"Standard_NV6ads_A10_v5", "StandardNVADSA10v5Family", 6, 55, 1.0 / 6, "A10", 0.59, "NVadsA10v5 Series"},
	}
}

// regions are those that the tenant uses, with their price level.
func regions() map[string]struct {
	title string
	level float64
} {
	return map[string]struct {
		title string
		level float64
	}{
		"westeurope": {"EU West", 1}, "northeurope": {"EU North", 0.93}, "eastus": {"US East", 0.84},
		"swedencentral": {"SE Central", 0.9},
	}
}

var (
	locationFilter = regexp.MustCompile(`^location eq '([A-Za-z0-9]+)'$`)
	constrained    = regexp.MustCompile(`_[A-Z](\d+)-\d`) // of a size with fewer vCPUs than it has room for
)

// listSKUs answers Microsoft.Compute/skus: every kind of thing that Compute sells, with capabilities as text.
func listSKUs(q url.Values) (any, *problem) {
	only := ""
	if f := q.Get("$filter"); f != "" {
		m := locationFilter.FindStringSubmatch(f)
		if m == nil {
			return nil, &problem{400, "InvalidFilterExpression", "Only filter 'location eq {location}' is supported.", nil}
		}
		only = strings.ToLower(m[1])
	}
	all := []any{}
	for _, region := range []string{"eastus", "northeurope", "swedencentral", "westeurope"} {
		if only != "" && only != region {
			continue
		}
		all = append(all, map[string]any{
			"resourceType": "disks", "name": "Premium_LRS", "tier": "Premium", "size": "P10", "locations": []string{region},
			"locationInfo": []any{map[string]any{"location": region, "zones": []string{"1", "2", "3"}, "zoneDetails": []any{}}},
			"capabilities": []any{map[string]any{"name": "MaxSizeGiB", "value": "128"}}, "restrictions": []any{},
		})
		for _, s := range sizes() {
			all = append(all, s.sku(region))
		}
	}
	return map[string]any{"value": all}, nil
}

func (s *size) sku(region string) any {
	caps := []any{}
	add := func(name, value string) { caps = append(caps, map[string]any{"name": name, "value": value}) }
	total := s.vcpus
	if m := constrained.FindStringSubmatch(s.name); m != nil {
		total, _ = strconv.Atoi(m[1])
	}
	add("MaxResourceVolumeMB", "153600")
	add("vCPUs", strconv.Itoa(total))
	add("MemoryPreservingMaintenanceSupported", "True")
	add("HyperVGenerations", "V1,V2")
	add("MemoryGB", strconv.FormatFloat(s.memoryGB, 'f', -1, 64))
	add("CpuArchitectureType", "x64")
	add("vCPUsAvailable", strconv.Itoa(s.vcpus))
	if s.gpus > 0 {
		add("GPUs", strconv.Itoa(max(1, int(s.gpus)))) // a part of a card is told as one
	}
	add("PremiumIO", "True")
	restrictions := []any{}
	if s.gpus >= 8 {
		restrictions = append(restrictions, map[string]any{
			"type": "Location", "values": []string{region}, "reasonCode": "NotAvailableForSubscription",
			"restrictionInfo": map[string]any{"locations": []string{region}},
		})
	}
	return map[string]any{
		"resourceType": "virtualMachines", "name": s.name, "tier": "Standard", "size": strings.TrimPrefix(s.name, "Standard_"),
		"family": s.family, "locations": []string{region}, "capabilities": caps, "restrictions": restrictions,
		"locationInfo": []any{map[string]any{"location": region, "zones": []string{"1", "2"}, "zoneDetails": []any{}}},
	}
}

// listUsages answers Microsoft.Compute/locations/{location}/usages: quotas in vCPUs by family.
func (c *cloud) listUsages(s *subscription, location string) (any, *problem) {
	if _, ok := regions()[location]; !ok {
		return nil, &problem{400, "NoRegisteredProviderFound", fmt.Sprintf("No registered resource provider found for location '%s'.", location), nil}
	}
	used := map[string]int{}
	total := 0
	for _, r := range c.resources {
		if r.size != nil && r.sub == s && r.region == location {
			used[r.size.family] += r.size.vcpus * max(r.count, 1)
			total += r.size.vcpus * max(r.count, 1)
		}
	}
	all := []any{usage("cores", "Total Regional vCPUs", total)}
	seen := map[string]bool{}
	for _, z := range sizes() {
		if !seen[z.family] {
			seen[z.family] = true
			all = append(all, usage(z.family, z.series+" vCPUs", used[z.family]))
		}
	}
	return map[string]any{"value": all}, nil
}

func usage(name, title string, used int) any {
	return map[string]any{
		"unit": "Count", "currentValue": used, "limit": max(100, used+used/2),
		"name": map[string]any{"value": name, "localizedValue": title},
	}
}
