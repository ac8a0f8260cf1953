-- Stands for Pktgen: the part of its Lua interface that the scenarios use, strict about names, and
-- a router behind it that forwards without loss up to a rate. Usage: lua5.4 stub.lua SCENARIO.lua
--   STUB_CAPACITY   percent of the line; a port loses what is above it
--   STUB_SENT       a file for what was set, one "name arguments" a line
--   STUB_STUCK      the sender sends nothing
local capacity = tonumber(os.getenv('STUB_CAPACITY') or 100)
local sent_file = os.getenv('STUB_SENT')
local ports, ended = {}, false

local function note(...)
    if sent_file then
        local file = assert(io.open(sent_file, 'a'))
        file:write(table.concat({ ... }, ' '), '\n')
        file:close()
    end
end

local function port_of(text)
    assert(type(text) == 'string' and text:match('^%d+$'), 'a port is a string of digits')
    local number = tonumber(text)
    ports[number] = ports[number] or { opackets = 0, ipackets = 0, rate = 100, count = 0 }
    return ports[number], number
end

local SETTABLE = { size = true, rate = true, count = true, sport = true, dport = true }
local STEPS = { start = true, min = true, max = true, inc = true }

local function range_field(name, pattern)
    return function(port, step, value)
        port_of(port)
        assert(STEPS[step], name .. ' has no ' .. tostring(step))
        assert(tostring(value):match(pattern), name .. ' cannot be ' .. tostring(value))
        note('range.' .. name, port, step, value)
    end
end

local MAC, ADDRESS = '^%x%x%x%x:%x%x%x%x:%x%x%x%x$', '^%d+%.%d+%.%d+%.%d+$'

local api = {
    range = {
        dst_mac = range_field('dst_mac', MAC),
        dst_ip = range_field('dst_ip', ADDRESS),
        src_ip = range_field('src_ip', ADDRESS),
        src_port = range_field('src_port', '^%d+$'),
        dst_port = range_field('dst_port', '^%d+$'),
        pkt_size = range_field('pkt_size', '^%d+$'),
        ip_proto = function(port, proto)
            port_of(port)
            assert(proto == 'udp')
            note('range.ip_proto', port, proto)
        end,
    },
    set = function(port, what, value)
        assert(SETTABLE[what], 'set has no ' .. tostring(what))
        assert(type(value) == 'number')
        port_of(port)[what] = value
        note('set', port, what, value)
    end,
    set_mac = function(port, which, mac)
        port_of(port)
        assert(which == 'dst' and mac:match(MAC))
        note('set_mac', port, which, mac)
    end,
    set_ipaddr = function(port, which, address)
        port_of(port)
        local form = which == 'src' and '^%d+%.%d+%.%d+%.%d+/%d+$' or which == 'dst' and ADDRESS
        assert(form and address:match(form), which .. ' cannot be ' .. address)
        note('set_ipaddr', port, which, address)
    end,
    set_proto = function(port, proto)
        port_of(port)
        note('set_proto', port, proto)
    end,
    set_range = function(port, state)
        port_of(port)
        assert(state == 'on' or state == 'off')
        note('set_range', port, state)
    end,
    start = function(port)
        local sender, number = port_of(port)
        if os.getenv('STUB_STUCK') then
            return
        end
        sender.opackets = sender.opackets + sender.count
        local share = math.min(1, capacity / sender.rate)
        for other, receiver in pairs(ports) do
            if other ~= number then
                receiver.ipackets = receiver.ipackets + math.floor(sender.count * share)
            end
        end
    end,
    stop = function() end,
    delay = function(ms)
        assert(ms > 0)
    end,
    portStats = function(port, which)
        assert(which == 'port')
        local counts, number = port_of(port)
        return { [number] = { opackets = counts.opackets, ipackets = counts.ipackets } }
    end,
    quit = function()
        ended = true
    end,
}
-- A call that Pktgen does not have fails here as it would there.
local strict = {
    __index = function(_, name)
        error('Pktgen has no ' .. name)
    end,
}
setmetatable(api.range, strict)
pktgen = setmetatable(api, strict)

dofile(arg[1])
assert(ended, 'the scenario did not end Pktgen')
