-- For wrk, in tests/bench/serve: the requests of so many ESP8266 with the stock client, in turn.
--
--   wrk -s serve.lua URL -- COUNT VERSION kept|closed
--
-- With "closed" each has a connection of its own, byte by byte as a device asks; with "kept" they
-- share connections, which shows the server's own work better.

local requests = {}
local at = 0

local lines = {
   "x-ESP8266-Chip-ID: %d",
   "x-ESP8266-STA-MAC: 18:FE:34:%02X:%02X:%02X",
   "x-ESP8266-AP-MAC: 1A:FE:34:%02X:%02X:%02X",
   "x-ESP8266-free-space: 2818048",
   "x-ESP8266-sketch-size: 325680",
   "x-ESP8266-sketch-md5: 0123456789abcdef0123456789abcdef",
   "x-ESP8266-chip-size: 4194304",
   "x-ESP8266-sdk-version: 2.2.2-dev(38a443e)",
   "x-ESP8266-mode: sketch",
}

function init(args)
   local count, version, kept = tonumber(args[1]), args[2], args[3] == "kept"
   local head = "GET " .. wrk.path .. (kept and " HTTP/1.1\r\n" or " HTTP/1.0\r\n") ..
      "Host: " .. wrk.headers["Host"] .. "\r\nUser-Agent: ESP8266-http-Update\r\n" ..
      (kept and "" or "Connection: close\r\n") ..
      "Accept-Encoding: identity;q=1,chunked;q=0.1,*;q=0\r\n"
   local form = head .. table.concat(lines, "\r\n") .. "\r\nx-ESP8266-version: " .. version ..
      "\r\n\r\n"

   for n = 0, count - 1 do
      local a, b, c = math.floor(n / 65536), math.floor(n / 256) % 256, n % 256
      requests[n + 1] = string.format(form, 3400000 + n, a, b, c, a, b, c)
   end
end

function request()
   at = at % #requests + 1
   return requests[at]
end
