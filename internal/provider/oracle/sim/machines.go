package oraclesim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

func (c *cloud) allShapes() []shape { return slices.Concat(c.shapes, c.gpuShapes) }

// listShapes gives the shapes of a region as Shape of core 20160918.
func (c *cloud) listShapes(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := known(r, "compartmentId", "availabilityDomain", "limit", "page", "imageId", "shape"); f != nil {
		return f
	}
	if _, f := c.readable(r); f != nil {
		return f
	}
	var out []object
	for _, s := range c.allShapes() {
		if want := r.URL.Query().Get("shape"); want != "" && want != s.name {
			continue
		}
		v := object{
			"shape": s.name, "processorDescription": s.processor, "ocpus": s.ocpus, "memoryInGBs": s.memoryGB, "networkPorts": 1,
			"networkingBandwidthInGbps": s.gbps, "maxVnicAttachments": 2, "gpus": s.gpus, "gpuDescription": nil, "localDisks": s.disks,
			"isLiveMigrationSupported": !s.bareMetal, "isBilledForStoppedInstance": s.bareMetal && s.gpus > 0, "billingType": "PAID",
			"isFlexible": s.flexible, "isSubcore": false, "platformNames": []string{},
		}
		if s.gpu != "" {
			v["gpuDescription"] = s.gpu
		}
		if s.flexible {
			v["ocpus"], v["memoryInGBs"] = 1, s.perOCPU
			v["ocpuOptions"] = object{"min": 1, "max": s.ocpus}
			v["memoryOptions"] = object{"minInGBs": 1, "maxInGBs": s.memoryGB, "defaultPerOcpuInGBs": s.perOCPU}
		}
		out = append(out, v)
	}
	return paged(c, w, r, out)
}

// imageID is the image that every instance of a region runs.
func imageID(at *region) string { return "ocid1.image.oc1." + at.key + ".aaaaaaaasimulatedimage2026" }

// image is Image of core 20160918. An image of Oracle's own lies in no compartment.
func image(at *region) object {
	return object{
		"id": imageID(at), "compartmentId": nil, "displayName": "Oracle-Linux-9.6-2026.09.30-0", "operatingSystem": "Oracle Linux",
		"operatingSystemVersion": "9", "createImageAllowed": true, "lifecycleState": "AVAILABLE", "launchMode": "PARAVIRTUALIZED",
		"timeCreated": "2026-09-30T00:00:00.000Z", "sizeInMBs": 47694, "freeformTags": object{}, "definedTags": object{},
	}
}

func (c *cloud) listImages(w http.ResponseWriter, r *http.Request, at *region) *fault {
	f := known(r, "compartmentId", "displayName", "operatingSystem", "operatingSystemVersion", "shape", "limit", "page", "sortBy",
		"sortOrder", "lifecycleState")
	if f == nil {
		_, f = c.readable(r)
	}
	if f != nil {
		return f
	}
	var out []object
	if i := image(at); asked(r, "displayName", fmt.Sprint(i["displayName"])) && asked(r, "operatingSystem", "Oracle Linux") &&
		asked(r, "operatingSystemVersion", "9") && asked(r, "lifecycleState", "AVAILABLE") {
		out = append(out, i)
	}
	return paged(c, w, r, out)
}

func (c *cloud) getImage(w http.ResponseWriter, r *http.Request, at *region) *fault {
	if r.PathValue("id") != imageID(at) {
		return hidden()
	}
	writeJSON(w, http.StatusOK, image(at))
	return nil
}

// listAttachments gives one network card for every instance that is there, as VnicAttachment.
func (c *cloud) listAttachments(w http.ResponseWriter, r *http.Request, at *region) *fault {
	f := known(r, "compartmentId", "availabilityDomain", "instanceId", "limit", "page", "vnicId")
	k, g := c.readable(r)
	if f == nil {
		f = g
	}
	if f != nil {
		return f
	}
	var out []object
	for _, n := range at.instances[k] {
		vnic := relative(n.id, "vnic", 0)
		if n.state != "TERMINATED" && asked(r, "instanceId", n.id) && asked(r, "availabilityDomain", n.ad) && asked(r, "vnicId", vnic) {
			out = append(out, object{
				"id": relative(n.id, "vnicattachment", 0), "instanceId": n.id, "vnicId": vnic, "lifecycleState": "ATTACHED", "nicIndex": 0,
				"compartmentId": k.id, "availabilityDomain": n.ad, "timeCreated": written(n.created), "displayName": nil,
				"subnetId": "ocid1.subnet.oc1..simulated",
			})
		}
	}
	return paged(c, w, r, out)
}

// getVNIC answers with an instance's network card, as Vnic.
func (c *cloud) getVNIC(w http.ResponseWriter, r *http.Request, at *region) *fault {
	for k, all := range at.instances {
		for _, n := range all {
			if k.denied || relative(n.id, "vnic", 0) != r.PathValue("id") {
				continue
			}
			writeJSON(w, http.StatusOK, n.object("displayName", object{
				"id": r.PathValue("id"), "lifecycleState": "AVAILABLE", "availabilityDomain": n.ad, "timeCreated": written(n.created),
				"privateIp": fmt.Sprintf("10.0.%d.%d", n.seed>>8&0xff, n.seed&0xff), "publicIp": nil, "isPrimary": true,
				"subnetId": "ocid1.subnet.oc1..simulated", "hostnameLabel": nil, "macAddress": "02:00:17:00:00:01",
			}))
			return nil
		}
	}
	return hidden()
}

// reportCapacity answers CreateComputeCapacityReport: there is always room, but for the largest cards in the home region.
func (c *cloud) reportCapacity(w http.ResponseWriter, r *http.Request, at *region) *fault {
	var d struct {
		CompartmentID       string `json:"compartmentId"`
		AvailabilityDomain  string `json:"availabilityDomain"`
		ShapeAvailabilities []struct {
			FaultDomain         *string `json:"faultDomain"`
			InstanceShape       string  `json:"instanceShape"`
			InstanceShapeConfig object  `json:"instanceShapeConfig"`
		} `json:"shapeAvailabilities"`
	}
	f := decodeBody(r, &d)
	switch {
	case f != nil:
		return f
	case d.CompartmentID != c.tenancy:
		return hidden()
	case !slices.Contains(at.ads, d.AvailabilityDomain):
		return invalid("Availability domain '%s' is not in this region", d.AvailabilityDomain)
	}
	out := []object{}
	for _, asked := range d.ShapeAvailabilities {
		status, count := "HARDWARE_NOT_SUPPORTED", any(nil)
		if slices.ContainsFunc(c.allShapes(), func(s shape) bool { return s.name == asked.InstanceShape }) {
			status, count = "AVAILABLE", 16
			if at.home && strings.Contains(asked.InstanceShape, "H100") {
				status, count = "OUT_OF_HOST_CAPACITY", 0
			}
		}
		out = append(out, object{
			"faultDomain": asked.FaultDomain, "instanceShape": asked.InstanceShape, "instanceShapeConfig": asked.InstanceShapeConfig,
			"availabilityStatus": status, "availableCount": count,
		})
	}
	writeJSON(w, http.StatusOK, object{
		"compartmentId": c.tenancy, "availabilityDomain": d.AvailabilityDomain, "shapeAvailabilities": out,
		"timeCreated": written(c.world.Now()),
	})
	return nil
}

// listContainers gives the containers of a compartment's container instances.
func (c *cloud) listContainers(w http.ResponseWriter, r *http.Request, at *region) *fault {
	f := known(r, "compartmentId", "lifecycleState", "displayName", "containerInstanceId", "availabilityDomain", "limit", "page",
		"sortOrder", "sortBy")
	k, g := c.readable(r)
	if f == nil {
		f = g
	}
	if f != nil {
		return f
	}
	var out []object
	for _, n := range at.containers[k] {
		if !asked(r, "containerInstanceId", n.id) || !asked(r, "availabilityDomain", n.ad) || !asked(r, "lifecycleState", n.state) {
			continue
		}
		for _, o := range n.containers() {
			if asked(r, "displayName", fmt.Sprint(o["displayName"])) {
				out = append(out, o)
			}
		}
	}
	return collection(c, w, r, out)
}

func (c *cloud) listContainerShapes(w http.ResponseWriter, r *http.Request, _ *region) *fault {
	if f := known(r, "compartmentId", "availabilityDomain", "limit", "page"); f != nil {
		return f
	}
	if _, f := c.readable(r); f != nil {
		return f
	}
	var out []object
	for _, s := range c.containerShapes {
		out = append(out, object{
			"name": s.name, "processorDescription": s.processor, "ocpuOptions": object{"min": 1.0, "max": s.ocpus},
			"memoryOptions": object{
				"minInGBs": 1.0, "maxInGBs": s.memoryGB, "defaultPerOcpuInGBs": s.perOCPU, "minPerOcpuInGBs": 1.0, "maxPerOcpuInGBs": 64.0,
			},
			"networkingBandwidthOptions": object{"minInGbps": 1.0, "maxInGbps": s.gbps * s.ocpus, "defaultPerOcpuInGbps": s.gbps},
		})
	}
	return collection(c, w, r, out)
}

// collection answers with a page of a list that is wrapped: {"items": [...]}.
func collection(c *cloud, w http.ResponseWriter, r *http.Request, all []object) *fault {
	from, to, f := c.page(w, r, len(all))
	if f == nil {
		writeJSON(w, http.StatusOK, object{"items": append([]object{}, all[from:to]...)})
	}
	return f
}

func versions() []string { return []string{"v1.33.1", "v1.34.1", "v1.35.0", "v1.35.1"} }

func (c *cloud) getClusterOptions(w http.ResponseWriter, _ *http.Request, _ *region) *fault {
	writeJSON(w, http.StatusOK, object{
		"kubernetesVersions":       versions(),
		"clusterPodNetworkOptions": []object{{"cniType": "FLANNEL_OVERLAY"}, {"cniType": "OCI_VCN_IP_NATIVE"}},
	})
	return nil
}

func (c *cloud) getNodePoolOptions(w http.ResponseWriter, _ *http.Request, at *region) *fault {
	var shapes []string
	for _, s := range c.allShapes() {
		shapes = append(shapes, s.name)
	}
	writeJSON(w, http.StatusOK, object{
		"kubernetesVersions": versions(), "shapes": shapes, "images": []string{"Oracle-Linux-9.6-2026.09.30-0"},
		"sources": []object{{"sourceType": "IMAGE", "sourceName": "Oracle-Linux-9.6-2026.09.30-0", "imageId": imageID(at)}},
	})
	return nil
}
