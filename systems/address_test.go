package systems

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyPublicAddressesAreCalledUnlessOthersAreAllowed(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]kind{
		"8.8.8.8": public, "203.0.114.1": public, "100.63.255.255": public, "172.15.0.1": public, "172.32.0.1": public, "223.255.255.255": public,
		"2606:4700::1111": public, "2400:3200::1": public, "2003::1": public,

		"127.0.0.1": loopback, "127.255.255.254": loopback, "::1": loopback,
		"10.0.0.1": inside, "172.16.0.1": inside, "172.31.255.255": inside, "192.168.1.1": inside, "100.64.0.1": inside, "100.127.255.255": inside,
		"198.18.0.1": inside, "198.19.255.255": inside, "fc00::1": inside, "fd12:3456::1": inside, "fec0::1": inside, "64:ff9b:1::10.0.0.1": inside,
		"169.254.169.254": local, "169.254.0.1": local, "fe80::1": local, "fe80::1%eth0": local, "febf::1": local,
		"0.0.0.0": nobody, "0.1.2.3": nobody, "::": nobody, "224.0.0.1": nobody, "239.255.255.255": nobody, "240.0.0.1": nobody, "255.255.255.255": nobody,
		"192.0.0.1": nobody, "192.0.2.1": nobody, "192.88.99.1": nobody, "198.51.100.7": nobody, "203.0.113.7": nobody,
		"ff02::1": nobody, "ff0e::1": nobody, "2001:db8::1": nobody, "2001::1": nobody, "100::1": nobody, "4000::1": nobody, "3fff::1": nobody, "5f00::1": nobody,

		// IPv4 in the clothes of IPv6
		"::ffff:127.0.0.1": loopback, "::ffff:10.0.0.1": inside, "::ffff:169.254.169.254": local, "::ffff:0.0.0.0": nobody, "::ffff:8.8.8.8": public,
		"::127.0.0.1": loopback, "::10.0.0.1": inside, "::ffff:0:127.0.0.1": loopback,
		"64:ff9b::127.0.0.1": loopback, "64:ff9b::169.254.169.254": local, "64:ff9b::10.1.2.3": inside, "64:ff9b::8.8.8.8": public,
		"2002:7f00:1::": loopback, "2002:a9fe:a9fe::1": local, "2002:c0a8:101::": inside, "2002:808:808::": public,
	} {
		addr := netip.MustParseAddr(address)
		require.Equal(t, want, kindOf(addr), address)
		require.Equal(t, want == public, private{}.allows(addr), address)
		require.Equal(t, want == public || want == loopback || want == inside, private{all: true}.allows(addr), address)
	}
}

func TestAllowedNetworksAllowNothingElse(t *testing.T) {
	t.Parallel()
	p := private{networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("169.254.7.0/24"), netip.MustParsePrefix("fd00:1::/32"),
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("224.0.0.0/4")}}
	for address, want := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "64:ff9b::10.1.2.3": true, "10.2.0.1": false, "127.0.0.1": false, "192.168.0.1": false, "8.8.8.8": true,
		"169.254.7.7": true, "169.254.169.254": false, "fd00:1::5": true, "fd00:2::5": false, "0.0.0.0": false, "224.0.0.1": false,
	} {
		require.Equal(t, want, p.allows(netip.MustParseAddr(address)), address)
	}
}
