package oraclesim

import (
	"encoding/json"
	"strconv"
	"time"
)

// stamp is how Oracle writes times.
const stamp = "2006-01-02T15:04:05.000Z"

// quoted returns s as a JSON string.
func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic("oraclesim: " + err.Error())
	}
	return b
}

// appendText appends s as a JSON string; what needs no escape is copied.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return append(b, quoted(s)...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func textOrNull(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return appendText(b, s)
}

func number(b []byte, v float64) []byte { return strconv.AppendFloat(b, v, 'f', -1, 64) }

// open begins a resource's JSON: the fields that all have. title is the field that holds its name.
func (t *thing) open(b []byte, title string) []byte {
	b = append(b, `{"id":"`...)
	b = append(b, t.id...)
	b = append(b, `","`...)
	b = append(b, title...)
	b = append(b, `":`...)
	b = appendText(b, t.name)
	b = append(b, `,"compartmentId":"`...)
	b = append(b, t.compartment.id...)
	b = append(b, `","lifecycleState":"`...)
	b = append(b, t.state...)
	b = append(b, `","availabilityDomain":"`...)
	b = append(b, t.ad...)
	b = append(b, `","timeCreated":"`...)
	b = t.created.AppendFormat(b, stamp)
	b = append(b, `",`...)
	return append(b, t.tags.json...)
}

// common are the same fields, for what is written by encoding/json.
type common struct {
	ID             string                       `json:"id"`
	CompartmentID  string                       `json:"compartmentId"`
	LifecycleState string                       `json:"lifecycleState"`
	FreeformTags   map[string]string            `json:"freeformTags"`
	DefinedTags    map[string]map[string]string `json:"definedTags"`
	SystemTags     map[string]any               `json:"systemTags"`
}

func (t *thing) common() common {
	return common{t.id, t.compartment.id, t.state, t.tags.free, t.tags.defined, map[string]any{}}
}

func written(t time.Time) string { return t.Format(stamp) }

// containerJSON is ContainerInstanceSummary of compute-containers 20210415.
type containerJSON struct {
	common
	DisplayName        string         `json:"displayName"`
	AvailabilityDomain string         `json:"availabilityDomain"`
	FaultDomain        string         `json:"faultDomain"`
	TimeCreated        string         `json:"timeCreated"`
	TimeUpdated        string         `json:"timeUpdated"`
	LifecycleDetails   *string        `json:"lifecycleDetails"`
	Shape              string         `json:"shape"`
	ShapeConfig        map[string]any `json:"shapeConfig"`
	ContainerCount     int            `json:"containerCount"`
	VolumeCount        int            `json:"volumeCount"`
	RestartPolicy      string         `json:"containerRestartPolicy"`
	Graceful           *int64         `json:"gracefulShutdownTimeoutInSeconds"`
}

func (n *containerInstance) wire() any {
	out := containerJSON{
		common: n.common(), DisplayName: n.name, AvailabilityDomain: n.ad, FaultDomain: n.fd, TimeCreated: written(n.created),
		TimeUpdated: written(n.created.Add(time.Hour)), Shape: n.shape.name, ContainerCount: n.count, RestartPolicy: "ALWAYS",
		ShapeConfig: map[string]any{
			"ocpus": n.ocpus, "memoryInGBs": n.memoryGB, "processorDescription": n.shape.processor,
			"networkingBandwidthInGbps": n.shape.gbps * n.ocpus,
		},
	}
	if n.details != "" {
		out.LifecycleDetails = &n.details
	}
	return out
}

// clusterJSON is ClusterSummary of containerengine 20180222.
type clusterJSON struct {
	common
	Name              string         `json:"name"`
	VcnID             string         `json:"vcnId"`
	KubernetesVersion string         `json:"kubernetesVersion"`
	Type              string         `json:"type"`
	LifecycleDetails  string         `json:"lifecycleDetails"`
	Metadata          map[string]any `json:"metadata"`
	Endpoints         map[string]any `json:"endpoints"`
	EndpointConfig    map[string]any `json:"endpointConfig"`
	Options           map[string]any `json:"options"`
	Upgrades          []string       `json:"availableKubernetesUpgrades"`
	Networks          []any          `json:"clusterPodNetworkOptions"`
}

func (k *cluster) wire() any {
	var public any
	if k.public != "" {
		public = k.public
	}
	return clusterJSON{
		common: k.common(), Name: k.name, VcnID: "ocid1.vcn.oc1." + k.region.key + ".amaaaaaasimulated",
		KubernetesVersion: k.version, Type: k.kind, Upgrades: []string{"v1.35.1"},
		Metadata:       map[string]any{"timeCreated": written(k.created), "createdByUserId": "ocid1.user.oc1..simulated"},
		Endpoints:      map[string]any{"kubernetes": nil, "publicEndpoint": public, "privateEndpoint": "10.0.0.5:6443"},
		EndpointConfig: map[string]any{"subnetId": "ocid1.subnet.oc1.." + "simulated", "isPublicIpEnabled": k.public != ""},
		Options: map[string]any{
			"kubernetesNetworkConfig": map[string]any{"podsCidr": "10.244.0.0/16", "servicesCidr": "10.96.0.0/16"},
		},
		Networks: []any{map[string]any{"cniType": "OCI_VCN_IP_NATIVE"}},
	}
}

// nodePoolJSON is NodePoolSummary of containerengine 20180222.
type nodePoolJSON struct {
	common
	ClusterID         string         `json:"clusterId"`
	Name              string         `json:"name"`
	KubernetesVersion string         `json:"kubernetesVersion"`
	NodeShape         string         `json:"nodeShape"`
	NodeShapeConfig   map[string]any `json:"nodeShapeConfig"`
	NodeConfigDetails map[string]any `json:"nodeConfigDetails"`
	QuantityPerSubnet int            `json:"quantityPerSubnet"`
	SubnetIDs         []string       `json:"subnetIds"`
	InitialNodeLabels []any          `json:"initialNodeLabels"`
	SSHPublicKey      string         `json:"sshPublicKey"`
}

func (p *nodePool) wire() any {
	return nodePoolJSON{
		common: p.common(), ClusterID: p.cluster.id, Name: p.name, KubernetesVersion: p.cluster.version, NodeShape: p.shape.name,
		NodeShapeConfig:   map[string]any{"ocpus": p.ocpus, "memoryInGBs": p.memoryGB},
		NodeConfigDetails: map[string]any{"size": p.size, "placementConfigs": []any{map[string]any{"availabilityDomain": p.ad, "subnetId": "ocid1.subnet.oc1..simulated"}}},
		SubnetIDs:         []string{}, InitialNodeLabels: []any{}, SSHPublicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAISIMULATED ops@acme",
	}
}

// databaseJSON is AutonomousDatabaseSummary of database 20160918.
type databaseJSON struct {
	common
	DBName            string   `json:"dbName"`
	DisplayName       string   `json:"displayName"`
	LifecycleDetails  *string  `json:"lifecycleDetails"`
	TimeCreated       string   `json:"timeCreated"`
	DBWorkload        string   `json:"dbWorkload"`
	DBVersion         string   `json:"dbVersion"`
	ComputeModel      string   `json:"computeModel"`
	ComputeCount      float64  `json:"computeCount"`
	CPUCoreCount      int      `json:"cpuCoreCount"`
	StorageTB         int      `json:"dataStorageSizeInTBs"`
	StorageGB         int      `json:"dataStorageSizeInGBs"`
	UsedGB            int      `json:"usedDataStorageSizeInGBs"`
	UsedTB            float64  `json:"actualUsedDataStorageSizeInTBs"`
	LicenseModel      string   `json:"licenseModel"`
	IsFreeTier        bool     `json:"isFreeTier"`
	IsDedicated       bool     `json:"isDedicated"`
	IsAutoScaling     bool     `json:"isAutoScalingEnabled"`
	IsDataGuard       bool     `json:"isDataGuardEnabled"`
	Infrastructure    string   `json:"infrastructureType"`
	OpenMode          string   `json:"openMode"`
	PermissionLevel   string   `json:"permissionLevel"`
	NsgIDs            []string `json:"nsgIds"`
	SubnetID          *string  `json:"subnetId"`
	ServiceConsoleURL string   `json:"serviceConsoleUrl"`
	Connections       any      `json:"connectionStrings"`
}

func (d *database) wire() any {
	host := "adb." + d.region.name + ".oraclecloud.com:1522/" + d.dbName
	return databaseJSON{
		common: d.common(), DBName: d.dbName, DisplayName: d.name, TimeCreated: written(d.created), DBWorkload: d.workload,
		DBVersion: "23ai", ComputeModel: "ECPU", ComputeCount: d.ecpus, StorageTB: d.storageGB / 1024, StorageGB: d.storageGB,
		UsedGB: d.usedGB, UsedTB: float64(d.usedGB) / 1024, LicenseModel: d.license, IsFreeTier: d.free, IsAutoScaling: d.scaling,
		Infrastructure: "CLOUD", OpenMode: "READ_WRITE", PermissionLevel: "UNRESTRICTED", NsgIDs: []string{},
		ServiceConsoleURL: "https://adb." + d.region.name + ".oraclecloud.com/console",
		Connections:       map[string]any{"high": host + "_high", "low": host + "_low", "allConnectionStrings": map[string]string{"HIGH": host + "_high"}},
	}
}
