package oraclesim

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// stamp is how Oracle writes times.
const stamp = "2006-01-02T15:04:05.000Z"

// appendAll appends texts that need no escape.
func appendAll(b []byte, parts ...string) []byte {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// open begins a resource's JSON: the fields that all have. title is the field that holds its name.
func (t *thing) open(b []byte, title string) []byte {
	b = appendAll(b, `{"id":"`, t.id, `","`, title, `":`)
	b = sim.AppendText(b, t.name)
	b = appendAll(b, `,"compartmentId":"`, t.compartment.id, `","lifecycleState":"`, t.state, `","availabilityDomain":"`, t.ad, `","timeCreated":"`)
	b = t.created.AppendFormat(b, stamp)
	return appendAll(b, `",`, t.tags.json)
}

// object is JSON that is written by encoding/json, its fields in alphabetical order.
type object = map[string]any

// object returns the same fields, for what is written by encoding/json, and more.
func (t *thing) object(title string, more object) object {
	o := object{
		"id": t.id, title: t.name, "compartmentId": t.compartment.id, "lifecycleState": t.state, "freeformTags": t.tags.free,
		"definedTags": t.tags.defined, "systemTags": object{},
	}
	maps.Copy(o, more)
	return o
}

func written(t time.Time) string { return t.Format(stamp) }

// orNull is null for an empty text.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// wire is ContainerInstanceSummary of compute-containers 20210415.
func (n *containerInstance) wire() object {
	return n.object("displayName", object{
		"availabilityDomain": n.ad, "faultDomain": n.fd, "timeCreated": written(n.created),
		"timeUpdated": written(n.created.Add(time.Hour)), "lifecycleDetails": orNull(n.details), "shape": n.shape.name,
		"shapeConfig": object{
			"ocpus": n.ocpus, "memoryInGBs": n.memoryGB, "processorDescription": n.shape.processor,
			"networkingBandwidthInGbps": n.shape.gbps * n.ocpus,
		},
		"containerCount": n.count, "volumeCount": 0, "containerRestartPolicy": "ALWAYS", "gracefulShutdownTimeoutInSeconds": nil,
	})
}

// whole is ContainerInstance: it names its containers and its network cards.
func (n *containerInstance) whole() object {
	o := n.wire()
	var parts []object
	for _, v := range n.containers() {
		parts = append(parts, object{"containerId": v["id"], "displayName": v["displayName"]})
	}
	o["containers"], o["vnics"], o["volumes"] = parts, []object{{"vnicId": relative(n.id, "vnic", 0)}}, []object{}
	return o
}

// containers are the containers of an instance, as ContainerSummary.
func (n *containerInstance) containers() []object {
	out := make([]object, n.count)
	for i := range out {
		t := n.thing
		t.id, t.name = relative(n.id, "computecontainer", i), n.name+"-"+sequence(i)
		out[i] = t.object("displayName", object{
			"availabilityDomain": n.ad, "faultDomain": n.fd, "timeCreated": written(n.created), "containerInstanceId": n.id,
			"imageUrl": "docker.io/library/nginx:1.29", "lifecycleDetails": orNull(n.details),
		})
	}
	return out
}

// relative makes the identifier of what belongs to a resource.
func relative(id, kind string, i int) string {
	parts := strings.SplitN(id, ".", 3)
	return parts[0] + "." + kind + "." + parts[2] + strconv.Itoa(i)
}

// wire is ClusterSummary of containerengine 20180222.
func (k *cluster) wire() object {
	return k.object("name", object{
		"vcnId": "ocid1.vcn.oc1." + k.region.key + ".amaaaaaasimulated", "kubernetesVersion": k.version, "type": k.kind,
		"lifecycleDetails": "", "availableKubernetesUpgrades": []string{"v1.35.1"},
		"metadata":       object{"timeCreated": written(k.created), "createdByUserId": "ocid1.user.oc1..simulated"},
		"endpoints":      object{"kubernetes": nil, "publicEndpoint": orNull(k.public), "privateEndpoint": "10.0.0.5:6443"},
		"endpointConfig": object{"subnetId": "ocid1.subnet.oc1..simulated", "isPublicIpEnabled": k.public != ""},
		"options": object{
			"kubernetesNetworkConfig": object{"podsCidr": "10.244.0.0/16", "servicesCidr": "10.96.0.0/16"},
		},
		"clusterPodNetworkOptions": []object{{"cniType": "OCI_VCN_IP_NATIVE"}},
	})
}

// wire is NodePoolSummary of containerengine 20180222.
func (p *nodePool) wire() object {
	return p.object("name", object{
		"clusterId": p.cluster.id, "kubernetesVersion": p.cluster.version, "nodeShape": p.shape.name,
		"nodeShapeConfig": object{"ocpus": p.ocpus, "memoryInGBs": p.memoryGB},
		"nodeConfigDetails": object{
			"size": p.size, "placementConfigs": []object{{"availabilityDomain": p.ad, "subnetId": "ocid1.subnet.oc1..simulated"}},
		},
		"quantityPerSubnet": 0, "subnetIds": []string{}, "initialNodeLabels": []object{},
		"sshPublicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAISIMULATED ops@acme",
	})
}

// wire is VirtualNodePoolSummary of containerengine 20180222.
func (p *virtualPool) wire() object {
	return p.object("displayName", object{
		"clusterId": p.cluster.id, "kubernetesVersion": p.cluster.version, "size": p.size, "timeCreated": written(p.created),
		"placementConfigurations": []object{
			{"availabilityDomain": p.ad, "faultDomain": []string{p.fd}, "subnetId": "ocid1.subnet.oc1..simulated"},
		},
		"podConfiguration": object{"subnetId": "ocid1.subnet.oc1..simulated", "shape": "Pod.Standard.E4.Flex", "nsgIds": []string{}},
		"taints":           []object{}, "initialVirtualNodeLabels": []object{}, "lifecycleDetails": nil,
	})
}

// wire is AutonomousDatabaseSummary of database 20160918.
func (d *database) wire() object {
	host := "adb." + d.region.name + ".oraclecloud.com:1522/" + d.dbName
	return d.object("displayName", object{
		"dbName": d.dbName, "lifecycleDetails": nil, "timeCreated": written(d.created), "dbWorkload": d.workload, "dbVersion": d.version,
		"computeModel": "ECPU", "computeCount": d.ecpus, "cpuCoreCount": 0, "dataStorageSizeInTBs": d.storageGB / 1024,
		"dataStorageSizeInGBs": d.storageGB, "usedDataStorageSizeInGBs": d.usedGB,
		"actualUsedDataStorageSizeInTBs": float64(d.usedGB) / 1024, "licenseModel": d.license, "isFreeTier": d.free,
		"isDedicated": false, "isAutoScalingEnabled": d.scaling, "isDataGuardEnabled": false, "infrastructureType": "CLOUD",
		"openMode": "READ_WRITE", "permissionLevel": "UNRESTRICTED", "nsgIds": []string{}, "subnetId": nil,
		"serviceConsoleUrl": "https://adb." + d.region.name + ".oraclecloud.com/console",
		"connectionStrings": object{
			"high": host + "_high", "low": host + "_low", "allConnectionStrings": map[string]string{"HIGH": host + "_high"},
		},
	})
}
