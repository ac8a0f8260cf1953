-- One source to one group: a number of frames at one size and rate.
package.path = os.getenv('MCAST_PKTGEN_FOLDER') .. '/?.lua;' .. package.path
local multicast = require 'multicast'

multicast.run(function()
    multicast.single()
    multicast.result(multicast.trial(multicast.settings.size, multicast.settings.rate))
end)
