#include "model/forward_codec.h"

#include "model/forward_limits.h"
#include "model/tagged_bytes.h"

namespace fw {

namespace {

constexpr std::uint8_t forwards_version = 1;

struct Encoder {
    ByteWriter& out;

    void operator()(const PortForward& port) {
        out.u8(port.protocol);
        out.u32(port.local.value);
        out.u16(port.local_port);
        out.u32(port.inner.value);
        out.u16(port.inner_port);
        out.u32(port.preference);
    }
    void operator()(const MarkForward& mark) {
        out.u32(mark.mark);
        out.u32(mark.inner.value);
        out.u16(mark.inner_port);
        out.u32(mark.preference);
    }
    void operator()(const RangeForward& range) {
        out.u8(range.protocol);
        out.u16(range.ports.first);
        out.u16(range.ports.last);
        out.u8(static_cast<unsigned>(range.inner.index()));
        if (const auto* control = std::get_if<RangeForward::Control>(&range.inner)) {
            out.u8(control->protocol);
            out.u16(control->port);
            out.u8(control->timed);
        } else {
            out.u32(std::get_if<Address>(&range.inner)->value);
        }
        out.u8(range.any_peer);
    }
    void operator()(const ProtocolForward& protocol) {
        out.u8(protocol.protocol);
        out.u32(protocol.inner.value);
        out.u8(protocol.masquerade);
    }
    void operator()(const Helper& helper) {
        out.u8(static_cast<unsigned>(helper.name.size()));
        out.text(helper.name);
        for (const std::uint16_t port : helper.ports) {
            out.u16(port);
        }
    }
};

// Members are read in the order of the statements: a braced list would do, but hides it.
PortForward read_port(ByteReader& in) {
    PortForward port;
    port.protocol = static_cast<std::uint16_t>(in.u8());
    port.local.value = in.u32();
    port.local_port = in.u16();
    port.inner.value = in.u32();
    port.inner_port = in.u16();
    port.preference = in.u32();
    return port;
}

MarkForward read_mark(ByteReader& in) {
    MarkForward mark;
    mark.mark = in.u32();
    mark.inner.value = in.u32();
    mark.inner_port = in.u16();
    mark.preference = in.u32();
    return mark;
}

RangeForward read_range(ByteReader& in) {
    RangeForward range;
    range.protocol = static_cast<std::uint16_t>(in.u8());
    range.ports.first = in.u16();
    range.ports.last = in.u16();
    if (in.flag()) {
        RangeForward::Control control;
        control.protocol = static_cast<std::uint16_t>(in.u8());
        control.port = in.u16();
        control.timed = in.flag();
        range.inner = control;
    } else {
        range.inner = Address{in.u32()};
    }
    range.any_peer = in.flag();
    return range;
}

ProtocolForward read_protocol(ByteReader& in) {
    ProtocolForward protocol;
    protocol.protocol = static_cast<std::uint16_t>(in.u8());
    protocol.inner.value = in.u32();
    protocol.masquerade = in.flag();
    return protocol;
}

Helper read_helper(ByteReader& in) {
    Helper helper;
    const auto name = in.take(in.u8());
    helper.name.assign(name.begin(), name.end());
    while (in.good() && !in.empty()) {
        helper.ports.push_back(in.u16());
    }
    return helper;
}

Forward read_forward(ForwardKind kind, ByteReader& in) {
    switch (kind) {
        case ForwardKind::port: return read_port(in);
        case ForwardKind::mark: return read_mark(in);
        case ForwardKind::range: return read_range(in);
        case ForwardKind::protocol: return read_protocol(in);
        case ForwardKind::helper: return read_helper(in);
    }
    in.spoil();
    return {};
}

}  // namespace

std::string encode_forward(const Forward& forward) {
    ByteWriter out;
    out.u8(forwards_version);
    out.u8(static_cast<unsigned>(kind_of(forward)));
    std::visit(Encoder{out}, forward);
    return out.take();
}

Result<Forward> decode_forward(std::span<const std::uint8_t> bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == forwards_version;
    Forward forward = read_forward(static_cast<ForwardKind>(in.u8()), in);
    if (!known || !in.good() || !in.empty() || !within_limits(forward)) {
        return Error{Code::damaged, "", -1, "the entry's stored form can't be read",
                     "another program or a newer version wrote it"};
    }
    return forward;
}

}  // namespace fw
