package oracle

import "strings"

// parts are the part numbers of a shape in Oracle's price list: per hour and OCPU, GB of memory, GPU, TB of local NVMe
// disks. Empty = it is not charged by that.
type parts struct{ ocpu, memory, gpu, disk string }

// partsOf returns the parts of a shape, and whether they are known. The table is the one that OpenCost publishes
// (github.com/opencost/opencost, pkg/cloud/oracle/partnumbers/shape_part_numbers.json, 2024-10-24), with the shapes'
// sizes left off: all sizes of a series have the same parts.
func (l *priceList) partsOf(shape string) (parts, bool) {
	for s := shape; s != ""; {
		if p, ok := l.series[s]; ok {
			return p, true
		}
		i := strings.LastIndexByte(s, '.')
		if i < 0 {
			break
		}
		s = s[:i]
	}
	return parts{}, false
}

func series() map[string]parts {
	e3, e4 := parts{ocpu: "B92306", memory: "B92307"}, parts{ocpu: "B93113", memory: "B93114"}
	e5, x9 := parts{ocpu: "B97384", memory: "B97385"}, parts{ocpu: "B94176", memory: "B94177"}
	a1, optimized := parts{ocpu: "B93297", memory: "B93298"}, parts{ocpu: "B93311", memory: "B93312"}
	denseE4 := parts{ocpu: "B93121", memory: "B93122", disk: "B93123"}
	denseE5 := parts{ocpu: "B98202", memory: "B98203", disk: "B98204"}
	return map[string]parts{
		"VM.Standard.E3": e3, "BM.Standard.E3": e3, "CI.Standard.E3": e3, "DVH.Standard.E3": e3,
		"VM.Standard.E4": e4, "BM.Standard.E4": e4, "CI.Standard.E4": e4, "DVH.Standard.E4": e4,
		"VM.Standard.E5": e5, "BM.Standard.E5": e5,
		"VM.Standard3": x9, "BM.Standard3": x9, "DVH.Standard3": x9,
		"VM.Standard.A1": a1, "BM.Standard.A1": a1, "CI.Standard.A1": a1,
		"VM.Standard.E2.1.Micro": {ocpu: "B91444"}, // listed, and free
		"VM.Standard.A2":         {ocpu: "B109529", memory: "B109530"},
		"VM.Optimized3":          optimized, "BM.Optimized3": optimized, "DVH.Optimized3": optimized,
		"VM.Standard2": {ocpu: "B88514"}, "BM.Standard2": {ocpu: "B88513"}, "DVH.Standard2": {ocpu: "B88513"},
		"DVH.Standard.E2": {ocpu: "B90425"}, "BM.HPC2": {ocpu: "B90398"},
		"VM.DenseIO.E4": denseE4, "BM.DenseIO.E4": denseE4, "VM.DenseIO.E5": denseE5, "BM.DenseIO.E5": denseE5,
		"VM.DenseIO2": {ocpu: "B88516"}, "BM.DenseIO2": {ocpu: "B88515"}, "DVH.DenseIO2": {ocpu: "B88515"},
		"VM.DenseIO1": {ocpu: "B88516"},
		"VM.GPU2":     {gpu: "B88518"}, "BM.GPU2": {gpu: "B88517"}, "VM.GPU3": {gpu: "B89734"}, "BM.GPU3": {gpu: "B89734"},
		"BM.GPU4": {gpu: "B92740"}, "VM.GPU.A10": {gpu: "B95909"}, "BM.GPU.A10": {gpu: "B95909"},
		"BM.GPU.A100-v2": {gpu: "B95907"}, "BM.GPU.H100": {gpu: "B98415"}, "BM.GPU.L40S": {gpu: "B109479"},
	}
}

// The parts of what is no shape, from the price list itself
// (apexapps.oracle.com/pls/apex/cetools/api/v1/products): "Oracle Container Engine for Kubernetes - Enhanced Cluster" and
// "- Virtual Node", each per hour.
const (
	enhancedCluster = "B96545"
	virtualNode     = "B96109"
)

// databasePart returns the part of the hours of an autonomous database's ECPUs or OCPUs ("Oracle Autonomous Transaction
// Processing - ECPU" and its likes), "" where it is not known.
func databasePart(unit, workload, license string) string {
	switch unit + " " + workload + " " + license {
	case "ecpus OLTP LICENSE_INCLUDED":
		return "B95702"
	case "ecpus OLTP BRING_YOUR_OWN_LICENSE":
		return "B95704"
	case "ecpus DW LICENSE_INCLUDED":
		return "B95701"
	case "ecpus DW BRING_YOUR_OWN_LICENSE":
		return "B95703"
	case "ocpus OLTP LICENSE_INCLUDED":
		return "B90453"
	case "ocpus OLTP BRING_YOUR_OWN_LICENSE":
		return "B90454"
	case "ocpus DW LICENSE_INCLUDED":
		return "B89040"
	case "ocpus DW BRING_YOUR_OWN_LICENSE":
		return "B89039"
	case "ocpus AJD LICENSE_INCLUDED":
		return "B92212"
	}
	return ""
}
