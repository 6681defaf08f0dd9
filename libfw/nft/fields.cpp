#include "nft/fields.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <iterator>

namespace fw::nft {

namespace {

constexpr std::uint32_t all = 0xffffffff;

// Offsets: RFC 791, RFC 9293, RFC 768, RFC 792. In the order of enum Field.
constexpr FieldFacts table[] = {
    {"ip version", Source::network_header, 0, 1, 0xf0, 4, Notation::number},
    {"ip hdrlength", Source::network_header, 0, 1, 0x0f, 0, Notation::number},
    {"ip dscp", Source::network_header, 1, 1, 0xfc, 2, Notation::hex},
    {"ip ecn", Source::network_header, 1, 1, 0x03, 0, Notation::number},
    {"ip length", Source::network_header, 2, 2, all, 0, Notation::number},
    {"ip frag-off", Source::network_header, 6, 2, all, 0, Notation::number},
    {"ip protocol", Source::network_header, 9, 1, all, 0, Notation::protocol},
    {"ip saddr", Source::network_header, 12, 4, all, 0, Notation::address},
    {"ip daddr", Source::network_header, 16, 4, all, 0, Notation::address},
    {"meta l4proto", Source::meta, NFT_META_L4PROTO, 1, all, 0, Notation::protocol},
    {"tcp sport", Source::transport_header, 0, 2, all, 0, Notation::number},
    {"tcp dport", Source::transport_header, 2, 2, all, 0, Notation::number},
    {"tcp flags", Source::transport_header, 13, 1, all, 0, Notation::tcp_flag_list},
    {"tcp window", Source::transport_header, 14, 2, all, 0, Notation::number},
    {"udp sport", Source::transport_header, 0, 2, all, 0, Notation::number},
    {"udp dport", Source::transport_header, 2, 2, all, 0, Notation::number},
    {"udp checksum", Source::transport_header, 6, 2, all, 0, Notation::number},
    {"icmp type", Source::transport_header, 0, 1, all, 0, Notation::icmp_type_name},
    {"icmp code", Source::transport_header, 1, 1, all, 0, Notation::number},
    // nft calls none of its fields so: one with a name would come with a type when reloaded.
    {"@th,56,8", Source::transport_header, 7, 1, all, 0, Notation::hex},
    {"iifname", Source::meta, NFT_META_IIFNAME, 16, all, 0, Notation::number},
    {"oifname", Source::meta, NFT_META_OIFNAME, 16, all, 0, Notation::number},
    {"iif", Source::meta, NFT_META_IIF, 4, all, 0, Notation::number},
    {"oif", Source::meta, NFT_META_OIF, 4, all, 0, Notation::number},
    {"meta mark", Source::meta, NFT_META_MARK, 4, all, 0, Notation::hex},
    {"ct state", Source::ct, NFT_CT_STATE, 4, all, 0, Notation::state_list},
    {"ct status", Source::ct, NFT_CT_STATUS, 4, all, 0, Notation::status_list},
    {"ct direction", Source::ct, NFT_CT_DIRECTION, 1, all, 0, Notation::direction_name},
};
static_assert(std::size(table) == static_cast<std::size_t>(Field::ct_direction) + 1);

}  // namespace

const FieldFacts& facts(Field field) { return table[static_cast<std::size_t>(field)]; }

std::uint32_t full_mask(const FieldFacts& field) {
    const std::uint32_t bytes = field.width >= 4 ? all : (1U << (field.width * 8)) - 1;
    return (bytes & field.mask) >> field.shift;
}

}  // namespace fw::nft
