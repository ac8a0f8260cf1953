-- Ranges of sources and groups: a number of frames at one size and rate.
package.path = os.getenv('MCAST_PKTGEN_FOLDER') .. '/?.lua;' .. package.path
local multicast = require 'multicast'

multicast.run(function()
    multicast.range(multicast.settings.size)
    multicast.result(multicast.trial(multicast.settings.size, multicast.settings.rate))
end)
