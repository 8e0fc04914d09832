package oraclesim

import "strconv"

// shape is an offering of compute (docs.oracle.com/iaas/Content/Compute/References/computeshapes.htm).
type shape struct {
	name      string
	flexible  bool
	ocpus     float64 // of a fixed shape; the most of a flexible one
	memoryGB  float64 // of a fixed shape; the most of a flexible one
	perOCPU   float64 // GB of memory per OCPU by default
	gbps      float64 // network, in all or (flexible) per OCPU
	processor string
	vcpus     int // per OCPU
	gpus      int
	gpu       string // description
	disks     int
	disksGB   float64
	bareMetal bool
	billed    billing
}

// billing is what a shape is charged by: part numbers of the price list.
type billing struct{ ocpu, memory, gpu string }

func generalShapes() []shape {
	amd4, amd5 := "2.55 GHz AMD EPYC™ 7J13 (Milan)", "2.4 GHz AMD EPYC™ 9J14 (Genoa)"
	intel, arm := "2.6 GHz Intel® Xeon® Platinum 8358 (Ice Lake)", "3.0 GHz Ampere® Altra™"
	return []shape{
		{name: "VM.Standard.E4.Flex", flexible: true, ocpus: 64, memoryGB: 1024, perOCPU: 16, gbps: 1, processor: amd4,
			vcpus: 2, billed: billing{"B93113", "B93114", ""}},
		{name: "VM.Standard.E5.Flex", flexible: true, ocpus: 94, memoryGB: 1049, perOCPU: 12, gbps: 1, processor: amd5,
			vcpus: 2, billed: billing{"B97384", "B97385", ""}},
		{name: "VM.Standard.A1.Flex", flexible: true, ocpus: 80, memoryGB: 512, perOCPU: 6, gbps: 1, processor: arm,
			vcpus: 1, billed: billing{"B93297", "B93298", ""}},
		{name: "VM.Standard3.Flex", flexible: true, ocpus: 32, memoryGB: 512, perOCPU: 16, gbps: 1, processor: intel,
			vcpus: 2, billed: billing{"B94176", "B94177", ""}},
		{name: "VM.Standard2.4", ocpus: 4, memoryGB: 60, gbps: 4.1, processor: "2.0 GHz Intel® Xeon® Platinum 8167M (Skylake)",
			vcpus: 2, billed: billing{"B88514", "", ""}},
		{name: "VM.Standard.E2.1.Micro", ocpus: 1, memoryGB: 1, gbps: 0.48, processor: "2.0 GHz AMD EPYC™ 7551 (Naples)", vcpus: 2,
			billed: billing{"B91444", "", ""}},
		{name: "BM.Standard.E4.128", ocpus: 128, memoryGB: 2048, gbps: 100, processor: amd4, vcpus: 2, bareMetal: true,
			billed: billing{"B93113", "B93114", ""}},
	}
}

func gpuShapes() []shape {
	amd, intel := "2.55 GHz AMD EPYC™ 7J13 (Milan)", "2.0 GHz Intel® Xeon® Platinum 8480+ (Sapphire Rapids)"
	return []shape{
		{name: "VM.GPU.A10.1", ocpus: 15, memoryGB: 240, gbps: 24, processor: "2.6 GHz Intel® Xeon® Platinum 8358 (Ice Lake)",
			vcpus: 2, gpus: 1, gpu: "NVIDIA® A10", billed: billing{"", "", "B95909"}},
		{name: "BM.GPU4.8", ocpus: 64, memoryGB: 2048, gbps: 50, processor: amd, vcpus: 2, gpus: 8,
			gpu: "NVIDIA® A100", disks: 4, disksGB: 27200, bareMetal: true, billed: billing{"", "", "B92740"}},
		{name: "BM.GPU.H100.8", ocpus: 112, memoryGB: 2048, gbps: 100, processor: intel, vcpus: 2, gpus: 8,
			gpu: "NVIDIA® H100", disks: 16, disksGB: 61400, bareMetal: true, billed: billing{"", "", "B98415"}},
		{name: "VM.GPU3.2", ocpus: 12, memoryGB: 180, gbps: 8, processor: "2.0 GHz Intel® Xeon® Platinum 8167M (Skylake)",
			vcpus: 2, gpus: 2, gpu: "NVIDIA® Tesla® V100", billed: billing{"", "", "B89734"}},
	}
}

// gpuWords are the names and the memory that people know the cards of a GPU shape by.
func gpuWords(shape string) (name string) {
	return map[string]string{
		"VM.GPU.A10.1": "A10", "BM.GPU4.8": "A100", "BM.GPU.H100.8": "H100", "VM.GPU3.2": "V100",
	}[shape]
}

// regionKey is a region: its name and its three-letter key.
type regionKey struct{ name, key string }

// regionKeys are the regions of the realm oc1 that a growing tenancy subscribes to, one after the other; the first is
// its home.
func regionKeys() []regionKey {
	return []regionKey{
		{"us-ashburn-1", "iad"}, {"us-phoenix-1", "phx"}, {"eu-frankfurt-1", "fra"}, {"uk-london-1", "lhr"},
		{"ap-tokyo-1", "nrt"}, {"sa-saopaulo-1", "gru"}, {"ap-mumbai-1", "bom"}, {"ap-sydney-1", "syd"},
		{"ca-toronto-1", "yyz"}, {"eu-amsterdam-1", "ams"}, {"ap-singapore-1", "sin"}, {"me-dubai-1", "dxb"},
		{"eu-zurich-1", "zrh"}, {"us-sanjose-1", "sjc"}, {"ap-seoul-1", "icn"}, {"ap-osaka-1", "kix"},
		{"ap-hyderabad-1", "hyd"}, {"ap-melbourne-1", "mel"}, {"ca-montreal-1", "yul"}, {"me-jeddah-1", "jed"},
		{"uk-cardiff-1", "cwl"}, {"eu-milan-1", "lin"}, {"eu-stockholm-1", "arn"}, {"eu-paris-1", "cdg"},
		{"eu-madrid-1", "mad"}, {"eu-marseille-1", "mrs"}, {"il-jerusalem-1", "mtz"}, {"af-johannesburg-1", "jnb"},
		{"sa-santiago-1", "scl"}, {"sa-vinhedo-1", "vcp"}, {"mx-queretaro-1", "qro"}, {"us-chicago-1", "ord"},
	}
}

// product is an entry of the public price list.
type product struct {
	part, name, metric, category string
	tiers                        []tier // pay as you go
}

type tier struct {
	value    float64
	from, to float64 // of the month's amount; 0, 0 = all of it
}

// products is the part of the price list that concerns the simulated services. The figures are the simulator's own.
func products() []product {
	flat := func(v float64) []tier { return []tier{{value: v}} }
	vm, gpu, adb, container := "Compute - Virtual Machine", "Compute - GPU", "Database - Autonomous Database",
		"Container Engine for Kubernetes (OKE)"
	return []product{
		{"B93113", "Compute - Standard - E4 - OCPU", "OCPU Per Hour", vm, flat(0.025)},
		{"B93114", "Compute - Standard - E4 - Memory", "Gigabyte Per Hour", vm, flat(0.0015)},
		{"B97384", "Compute - Standard - E5 - OCPU", "OCPU Per Hour", vm, flat(0.03)},
		{"B97385", "Compute - Standard - E5 - Memory", "Gigabyte Per Hour", vm, flat(0.002)},
		{"B93297", "Compute - Standard - A1 - OCPU", "OCPU Per Hour", vm, []tier{{0, 0, 3000}, {0.01, 3000, 999999999999999}}},
		{"B93298", "Compute - Standard - A1 - Memory", "Gigabyte Per Hour", vm, []tier{{0, 0, 18000}, {0.0015, 18000, 999999999999999}}},
		{"B94176", "Compute - Standard - X9 - OCPU", "OCPU Per Hour", vm, flat(0.04)},
		{"B94177", "Compute - Standard - X9 - Memory", "Gigabyte Per Hour", vm, flat(0.0015)},
		{"B88514", "Compute - Virtual Machine Standard - X7", "OCPU Per Hour", vm, flat(0.0638)},
		{"B91444", "Compute - Virtual Machine Standard - E2 Micro - Free", "OCPU Per Hour", vm, flat(0)},
		{"B88318", "Compute - Windows OS", "OCPU Per Hour", "Compute - OS Images", flat(0.092)},
		{"B89734", "Compute - GPU Standard - V2", "GPU Per Hour", gpu, flat(2.95)},
		{"B92740", "Compute - GPU - E3", "GPU Per Hour", gpu, flat(3.05)},
		{"B95909", "Compute  - GPU - A10", "GPU Per Hour", gpu, flat(2)},
		{"B95907", "Compute - GPU - A100 - v2", "GPU Per Hour", gpu, flat(4)},
		{"B98415", "Oracle Cloud Infrastructure - Compute - GPU - H100", "GPU Per Hour", gpu, flat(10)},
		{"B95701", "Oracle Autonomous Data Warehouse - ECPU", "ECPU Per Hour", adb, flat(0.336)},
		{"B95702", "Oracle Autonomous Transaction Processing - ECPU", "ECPU Per Hour", adb, flat(0.336)},
		{"B95703", "Oracle Autonomous Data Warehouse - ECPU - BYOL", "ECPU Per Hour", adb, flat(0.0807)},
		{"B95704", "Oracle Autonomous Transaction Processing - ECPU - BYOL", "ECPU Per Hour", adb, flat(0.0807)},
		{"B95706", "Oracle Autonomous Database Storage for Transaction Processing", "Gigabyte Storage Capacity Per Month", adb, flat(0.1156)},
		{"B96545", "Oracle Container Engine for Kubernetes - Enhanced Cluster", "Cluster Per Hour", container, flat(0.1)},
		{"B96109", "Oracle Container Engine for Kubernetes - Virtual Node", "Virtual Node Per Hour", container, flat(0.015)},
		{"B91961", "Storage - Block Volume - Storage", "Gigabyte Storage Capacity Per Month", "Storage - Block Volumes", flat(0.0255)},
	}
}

// price returns a part's price, the one beyond any free allowance; nil where it is not listed.
func price(part string) *float64 {
	for _, p := range products() {
		if p.part == part {
			return &p.tiers[len(p.tiers)-1].value
		}
	}
	return nil
}

// sequence returns two-digit numbers for names: 01, 02 ...
func sequence(n int) string {
	if n < 9 {
		return "0" + strconv.Itoa(n+1)
	}
	return strconv.Itoa(n + 1)
}
