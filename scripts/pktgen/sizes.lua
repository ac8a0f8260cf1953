-- One source to one group, at every frame size.
package.path = os.getenv('MCAST_PKTGEN_FOLDER') .. '/?.lua;' .. package.path
local multicast = require 'multicast'

multicast.run(function()
    multicast.single()
    for _, size in ipairs(multicast.settings.sizes) do
        multicast.result(multicast.trial(size, multicast.settings.rate))
    end
end)
