-- One source to one group: for every frame size, the highest rate without loss, halving between the
-- lowest that is asked for and the line's.
package.path = os.getenv('MCAST_PKTGEN_FOLDER') .. '/?.lua;' .. package.path
local multicast = require 'multicast'

local function try(size, rate)
    local trial = multicast.trial(size, rate)
    multicast.result(trial)
    return multicast.passed(trial)
end

local function search(size)
    local settings = multicast.settings
    if try(size, settings.rate) then
        return settings.rate
    end
    if not try(size, settings.lowest) then
        return 0
    end
    local passes, fails = settings.lowest, settings.rate
    while fails - passes > settings.resolution do
        local rate = (passes + fails) / 2
        if try(size, rate) then
            passes = rate
        else
            fails = rate
        end
    end
    return passes
end

multicast.run(function()
    multicast.single()
    for _, size in ipairs(multicast.settings.sizes) do
        multicast.result({ size = size, throughput = search(size) })
    end
end)
