-- The load of one slice: the same call again and again, and every answer compared byte for byte with the one expected.
-- Arguments: the folder that holds `headers`, `body` and `answer`.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  wrong = 0
  first_wrong = ""
  expected = read(args[1] .. "/answer")
  local headers = {}
  for name, value in read(args[1] .. "/headers"):gmatch("([^:\n]+): ([^\n]*)") do
    headers[name] = value
  end
  call = wrk.format("POST", nil, headers, read(args[1] .. "/body"))
end

function request()
  return call
end

function response(status, headers, body)
  if status ~= 200 or body ~= expected then
    wrong = wrong + 1
    if first_wrong == "" then
      first_wrong = status .. " " .. string.sub(body, 1, 200)
    end
  end
end

function done(summary, latency, requests)
  local wrong_answers, example = 0, ""
  for _, thread in ipairs(threads) do
    wrong_answers = wrong_answers + thread:get("wrong")
    if example == "" then example = thread:get("first_wrong") end
  end
  local errors = summary.errors
  io.write(string.format("\nBENCH requests=%d us=%d p50=%d p99=%d wrong=%d status=%d socket=%d\nFIRST-WRONG %s\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), wrong_answers, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, example))
end
