-- What the scenarios share: settings from the runner, frames to groups, bounded trials, results.
-- Runs within Pktgen-DPDK 23.06, as `pktgen -f`; scripts/pktgen/run starts it.
--
-- A trial sends a number of frames and stops by itself; what each receiving port counts more than
-- before is what came through. Pktgen speaks no IGMP: the router's groups are static, or somebody
-- else is their member.
local multicast = {}

local POLL_MS = 20
local SETTLE_MS = 1500 -- Pktgen brings its counters up to date once a second

local function setting(name, default)
    return os.getenv('MCAST_PKTGEN_' .. name) or default
end

local function number(name, default)
    return assert(tonumber(setting(name, default)), name .. ' is no number')
end

multicast.settings = {
    sender = number('SENDER', 0),
    receivers = {},
    source = setting('SOURCE', '10.1.0.10'),
    sources = number('SOURCES', 1),
    group = setting('GROUP', '239.1.1.1'),
    groups = number('GROUPS', 1),
    count = number('COUNT', 100000),
    size = number('SIZE', 64), -- with FCS
    sizes = {},
    rate = number('RATE', 100), -- percent of the line
    lowest = number('LOWEST', 1),
    resolution = number('RESOLUTION', 1),
    tolerance = number('TOLERANCE', 0), -- percent of the copies
    patience = number('PATIENCE', 60), -- seconds for a trial
}
for port in string.gmatch(setting('RECEIVERS', '1'), '%d+') do
    table.insert(multicast.settings.receivers, tonumber(port))
end
for size in string.gmatch(setting('SIZES', '64,128,256,512,1024,1280,1518'), '%d+') do
    table.insert(multicast.settings.sizes, tonumber(size))
end

local function octets(address)
    local a, b, c, d = string.match(address, '^(%d+)%.(%d+)%.(%d+)%.(%d+)$')
    assert(a, address .. ' is no address')
    return tonumber(a), tonumber(b), tonumber(c), tonumber(d)
end

-- The address so many further on.
function multicast.address(first, further)
    local a, b, c, d = octets(first)
    local value = ((a * 256 + b) * 256 + c) * 256 + d + further
    return string.format('%d.%d.%d.%d', value // 16777216 % 256, value // 65536 % 256,
                         value // 256 % 256, value % 256)
end

-- 01:00:5e and the low 23 bits of the group, as Pktgen writes it.
function multicast.mac(group)
    local _, b, c, d = octets(group)
    return string.format('0100:5e%02x:%02x%02x', b % 128, c, d)
end

local function common(port)
    pktgen.set_proto(port, 'udp')
    pktgen.set(port, 'sport', 3918)
    pktgen.set(port, 'dport', 3918)
end

-- One source to one group.
function multicast.single()
    local settings = multicast.settings
    local port = tostring(settings.sender)
    common(port)
    pktgen.set_range(port, 'off')
    pktgen.set_mac(port, 'dst', multicast.mac(settings.group))
    pktgen.set_ipaddr(port, 'src', settings.source .. '/24')
    pktgen.set_ipaddr(port, 'dst', settings.group)
end

local function range(field, port, first, last, step)
    field(port, 'start', first)
    field(port, 'min', first)
    field(port, 'max', last)
    field(port, 'inc', step)
end

-- Sources and groups step together with each frame, so that every pair is there only when the two
-- numbers have no common divisor.
function multicast.range(size)
    local settings = multicast.settings
    local port = tostring(settings.sender)
    local last = multicast.address(settings.group, settings.groups - 1)
    common(port)
    range(pktgen.range.dst_mac, port, multicast.mac(settings.group), multicast.mac(last),
          settings.groups > 1 and '0000:0000:0001' or '0000:0000:0000')
    range(pktgen.range.dst_ip, port, settings.group, last,
          settings.groups > 1 and '0.0.0.1' or '0.0.0.0')
    range(pktgen.range.src_ip, port, settings.source,
          multicast.address(settings.source, settings.sources - 1),
          settings.sources > 1 and '0.0.0.1' or '0.0.0.0')
    range(pktgen.range.src_port, port, 3918, 3918, 0)
    range(pktgen.range.dst_port, port, 3918, 3918, 0)
    range(pktgen.range.pkt_size, port, size, size, 0)
    pktgen.range.ip_proto(port, 'udp')
    pktgen.set_range(port, 'on')
end

local function counted(port, which)
    return pktgen.portStats(tostring(port), 'port')[port][which]
end

local function received()
    local all = {}
    for place, port in ipairs(multicast.settings.receivers) do
        all[place] = counted(port, 'ipackets')
    end
    return all
end

local function wait_until_sent(before)
    local settings = multicast.settings
    local waited = 0
    while counted(settings.sender, 'opackets') - before < settings.count do
        if waited > settings.patience * 1000 then
            pktgen.stop(tostring(settings.sender))
            return false
        end
        pktgen.delay(POLL_MS)
        waited = waited + POLL_MS
    end
    pktgen.stop(tostring(settings.sender))
    return true
end

-- Sends the frames at a size and a rate. Returns sent, received in all, lost copies, percent lost.
function multicast.trial(size, rate)
    local settings = multicast.settings
    local port = tostring(settings.sender)
    pktgen.set(port, 'size', size)
    pktgen.set(port, 'rate', rate)
    pktgen.set(port, 'count', settings.count)
    local before_sent, before = counted(settings.sender, 'opackets'), received()
    pktgen.start(port)
    local complete = wait_until_sent(before_sent)
    pktgen.delay(SETTLE_MS)
    local sent = counted(settings.sender, 'opackets') - before_sent
    local all, each = 0, {}
    for place, now in ipairs(received()) do
        each[place] = now - before[place]
        all = all + each[place]
    end
    local wanted = sent * #settings.receivers
    return {
        size = size,
        rate = rate,
        sent = sent,
        received = table.concat(each, '/'),
        lost = wanted - all,
        lost_percent = wanted == 0 and 100 or 100 * (wanted - all) / wanted,
        complete = complete,
    }
end

function multicast.passed(trial)
    return trial.complete and trial.lost_percent <= multicast.settings.tolerance
end

local KEYS = {
    'size', 'rate', 'sent', 'received', 'lost', 'lost_percent', 'complete', 'throughput',
}

-- One line to the runner: "result key=value ...".
function multicast.result(row)
    local words = { 'result' }
    for _, key in ipairs(KEYS) do
        if row[key] ~= nil then
            table.insert(words, key .. '=' .. tostring(row[key]))
        end
    end
    multicast.write(table.concat(words, ' '))
end

function multicast.write(line)
    local file = assert(io.open(setting('RESULTS', '/dev/stdout'), 'a'))
    file:write(line, '\n')
    file:close()
end

-- Runs a scenario and ends Pktgen, whatever happens: its prompt would wait for ever.
function multicast.run(scenario)
    local good, why = pcall(scenario)
    multicast.write(good and 'done' or ('error ' .. tostring(why)))
    pktgen.stop('all')
    pktgen.quit()
end

return multicast
