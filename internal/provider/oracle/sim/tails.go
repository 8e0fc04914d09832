package oraclesim

import "github.com/adsops/cloudtop/internal/sim"

// tails are the ends of instances' JSON: what is the same for many instances is written once.
type tails struct{ kept map[tailKind]string }

// tailKind tells the kinds of instances apart whose ends differ.
type tailKind struct {
	shape, region      string
	agent, preemptible bool
}

// of returns the fields that an instance shares with those of its shape, region, agent and kind of capacity.
func (t *tails) of(n *instance) string {
	key := tailKind{n.shape.name, n.region.key, n.agent, n.preemptible}
	if s, ok := t.kept[key]; ok {
		return s
	}
	image := imageID(n.region)
	fields := object{
		"imageId":       image,
		"launchMode":    "PARAVIRTUALIZED",
		"sourceDetails": object{"sourceType": "image", "imageId": image, "bootVolumeSizeInGBs": 50},
		"launchOptions": object{
			"bootVolumeType": "PARAVIRTUALIZED", "firmware": "UEFI_64", "networkType": "PARAVIRTUALIZED",
			"remoteDataVolumeType": "PARAVIRTUALIZED", "isPvEncryptionInTransitEnabled": true, "isConsistentVolumeNamingEnabled": true,
		},
		"instanceOptions":    object{"areLegacyImdsEndpointsDisabled": true},
		"availabilityConfig": object{"isLiveMigrationPreferred": true, "recoveryAction": "RESTORE_INSTANCE"},
		"agentConfig": object{
			"isMonitoringDisabled": !n.agent, "isManagementDisabled": false, "areAllPluginsDisabled": false,
			"pluginsConfig": []any{object{"name": "Compute Instance Monitoring", "desiredState": enabled(n.agent)}},
		},
		"metadata": object{
			"ssh_authorized_keys": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAISIMULATED ops@acme",
			"user_data":           "MARKER-SECRET-user-data",
		},
		"extendedMetadata": object{}, "systemTags": object{}, "securityAttributes": object{},
		"capacityReservationId": nil, "dedicatedVmHostId": nil, "instanceConfigurationId": nil, "ipxeScript": nil,
		"preemptibleInstanceConfig": nil, "platformConfig": nil, "isCrossNumaNode": false,
	}
	if n.preemptible {
		fields["preemptibleInstanceConfig"] = object{
			"preemptionAction": object{"type": "TERMINATE", "preserveBootVolume": false},
		}
	}
	s := "," + string(sim.AppendJSON(nil, fields)[1:])
	t.kept[key] = s
	return s
}

func enabled(on bool) string {
	if on {
		return "ENABLED"
	}
	return "DISABLED"
}
