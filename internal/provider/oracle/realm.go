package oracle

import (
	"maps"
	"slices"
	"strings"
)

// commercial is the domain of the realm oc1, and of every realm that is not known here.
const commercial = "oraclecloud.com"

// realms returns the second-level domain of every realm (docs.oracle.com/iaas/Content/General/Concepts/regions.htm
// and the region table of the vendor's SDK, v65.129.0).
func realms() map[string]string {
	return map[string]string{
		"oc1": commercial, "oc2": "oraclegovcloud.com", "oc3": "oraclegovcloud.com", "oc4": "oraclegovcloud.uk",
		"oc8": "oraclecloud8.com", "oc9": "oraclecloud9.com", "oc10": "oraclecloud10.com", "oc14": "oraclecloud14.com",
		"oc15": "oraclecloud15.com", "oc19": "oraclecloud.eu", "oc20": "oraclecloud20.com", "oc21": "oraclecloud21.com",
		"oc23": "oraclecloud23.com", "oc24": "oraclecloud24.com", "oc26": "oraclecloud26.com",
		"oc29": "oraclecloud29.com", "oc35": "oraclecloud35.com", "oc42": "oraclecloud42.com",
		"oc51": "oraclecloud51.com", "oc52": "oraclecloud52.com",
	}
}

func realmNames() []string { return slices.Sorted(maps.Keys(realms())) }

// domainOf returns the second-level domain at which the cloud of an OCID answers: ocid1.tenancy.<realm>..<unique>.
func domainOf(ocid string) string {
	parts := strings.Split(ocid, ".")
	if len(parts) < 3 {
		return commercial
	}
	if domain, ok := realms()[parts[2]]; ok {
		return domain
	}
	return commercial
}

// regionName returns a region's name. The oldest regions also go by their keys, which the vendor's tools take.
func regionName(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "iad":
		return "us-ashburn-1"
	case "phx":
		return "us-phoenix-1"
	case "fra":
		return "eu-frankfurt-1"
	case "lhr":
		return "uk-london-1"
	}
	return s
}

// isOCID reports whether s has the form of an Oracle Cloud identifier.
func isOCID(s string) bool { return strings.HasPrefix(s, "ocid1.") && strings.Count(s, ".") >= 4 }

// The services' addresses: the host's template and the version of the API.
const (
	coreAPI       = "https://iaas.{region}.{domain}/20160918"
	identityAPI   = "https://identity.{region}.oci.{domain}/20160918"
	monitoringAPI = "https://telemetry.{region}.{domain}/20180401"
	containersAPI = "https://compute-containers.{region}.oci.{domain}/20210415"
	okeAPI        = "https://containerengine.{region}.oci.{domain}/20180222"
	databaseAPI   = "https://database.{region}.{domain}/20160918"
	authAPI       = "https://auth.{region}.{domain}/v1"
)

// endpoint returns a service's address in a region.
func endpoint(api, region, domain string) string {
	return strings.NewReplacer("{region}", region, "{domain}", domain).Replace(api)
}
