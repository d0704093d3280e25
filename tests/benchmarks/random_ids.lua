-- For wrk: page views like collect.lua's, but under ids in no order (UUIDv4), each of which touches a page of its own
-- of the index. Environment: BENCH (where common.lua lies), BATCH (events of a request, 2 or more), PK (a key).
package.path = os.getenv("BENCH") .. "/?.lua;" .. package.path
local made = require("common")
local batch, key, path = tonumber(os.getenv("BATCH")), os.getenv("PK"), os.getenv("PATHS")
local view = '{"eventId":"%s","type":"PAGE_VIEW","url":"https://shop.example.com/product/%d?utm_source=%s&utm_medium=%s'
  .. '&utm_campaign=%s&gclid=%s","referrer":"https://www.google.com/","anonId":"%s","sessionId":"s_%d"}'
local headers = { ["Content-Type"] = "application/json", ["User-Agent"] = made.ua }

local tails = {}
for place = 1, 2000 do
  local one = made.pick(20000)
  local said = view:format("", one.page, one.src, one.med, one.camp, one.gclid, made.uuid(), one.v)
  tails[place] = said:sub(#'{"eventId":"' + 1)
end

local count = 0
request = function()
  local events = {}
  for place = 1, batch do
    count = count + 1
    events[place] = '{"eventId":"' .. made.uuid() .. tails[count % #tails + 1]
  end
  return wrk.format("POST", path, headers, '{"publicKey":"' .. key .. '","events":[' .. table.concat(events, ",") .. "]}")
end
