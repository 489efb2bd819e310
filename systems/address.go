package systems

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// refusedAddress is an address that a system may not be at.
type refusedAddress struct {
	addr netip.Addr
	kind kind
}

func (r *refusedAddress) Error() string { return fmt.Sprintf("systems: %s is %s", r.addr, r.kind) }

// kind says what an address is good for.
type kind string

const (
	public   kind = "public"
	loopback kind = "a loopback address"
	inside   kind = "a private address"
	local    kind = "a link-local address"
	nobody   kind = "no address of a host"
)

// networks are the addresses that aren't public, the narrower before the wider. What stands nowhere is public, if it is IPv4 or in 2000::/3.
var networks = []struct {
	prefix netip.Prefix
	kind   kind
}{
	{netip.MustParsePrefix("0.0.0.0/8"), nobody},
	{netip.MustParsePrefix("10.0.0.0/8"), inside},
	{netip.MustParsePrefix("100.64.0.0/10"), inside}, // shared by a provider's customers (CGNAT)
	{netip.MustParsePrefix("127.0.0.0/8"), loopback},
	{netip.MustParsePrefix("169.254.0.0/16"), local}, // where clouds tell machines their secrets
	{netip.MustParsePrefix("172.16.0.0/12"), inside},
	{netip.MustParsePrefix("192.0.0.0/24"), nobody},
	{netip.MustParsePrefix("192.0.2.0/24"), nobody},
	{netip.MustParsePrefix("192.88.99.0/24"), nobody},
	{netip.MustParsePrefix("192.168.0.0/16"), inside},
	{netip.MustParsePrefix("198.18.0.0/15"), inside},
	{netip.MustParsePrefix("198.51.100.0/24"), nobody},
	{netip.MustParsePrefix("203.0.113.0/24"), nobody},
	{netip.MustParsePrefix("224.0.0.0/3"), nobody}, // multicast, reserved, broadcast

	{netip.MustParsePrefix("::1/128"), loopback},
	{netip.MustParsePrefix("fe80::/10"), local},
	{netip.MustParsePrefix("fec0::/10"), inside},
	{netip.MustParsePrefix("fc00::/7"), inside},
	{netip.MustParsePrefix("64:ff9b:1::/48"), inside}, // NAT64 of one's own
	{netip.MustParsePrefix("2001::/23"), nobody},      // Teredo, ORCHID and others that are no hosts
	{netip.MustParsePrefix("2001:db8::/32"), nobody},
	{netip.MustParsePrefix("3fff::/20"), nobody},
	{netip.MustParsePrefix("2000::/3"), public},
	{netip.MustParsePrefix("::/0"), nobody},
}

// Addresses of IPv6 that stand for one of IPv4, and where it begins in them.
var wrapped = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("::/96"), 12},           // compatible
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12}, // translated
	{netip.MustParsePrefix("64:ff9b::/96"), 12},    // NAT64
	{netip.MustParsePrefix("2002::/16"), 2},        // 6to4
}

// unwrap gives the address that is really meant.
func unwrap(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	if a.Is4() || a == netip.IPv6Unspecified() || a == netip.IPv6Loopback() {
		return a
	}
	for _, w := range wrapped {
		if w.prefix.Contains(a) {
			b := a.As16()
			return netip.AddrFrom4([4]byte(b[w.at : w.at+4]))
		}
	}
	return a
}

func kindOf(a netip.Addr) kind {
	a = unwrap(a)
	for _, n := range networks {
		if n.prefix.Contains(a) {
			return n.kind
		}
	}
	return public
}

// allows says whether a system may be at an address. Whatever is allowed, what is no address of a host is refused; link-local ones must be named.
func (p private) allows(a netip.Addr) bool {
	a = unwrap(a)
	switch k := kindOf(a); k {
	case public:
		return true
	case nobody:
		return false
	default:
		if p.all && k != local {
			return true
		}
		for _, n := range p.networks {
			if n.Contains(a) {
				return true
			}
		}
		return false
	}
}

// control is called for each connection with the address it is about to be made to, after names were resolved: what was looked at is what is called.
func (p private) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return errors.New("systems: no address: " + address)
	}
	if !p.allows(to.Addr()) {
		return &refusedAddress{to.Addr(), kindOf(to.Addr())}
	}
	return nil
}
