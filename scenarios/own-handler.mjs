// What a function's own code may look like; see own-handler.yaml. But for its report of a duration, which the simulation
// alone understands, it runs on AWS as it stands.
const RATES = { EUR: 1, USD: 1.17, GBP: 0.87, CHF: 0.93, SEK: 10.9, NOK: 11.7, DKK: 7.46, PLN: 4.24, CZK: 24.3 };

export const handler = (event, context) => {
  const batchItemFailures = [];
  for (const { kinesis } of event.Records) {
    try {
      convert(JSON.parse(Buffer.from(kinesis.data, 'base64').toString()));
    } catch {
      batchItemFailures.push({ itemIdentifier: kinesis.sequenceNumber });
    }
  }
  // 20 ms, and a call to the database for each order.
  context.shardclock?.duration(20 + 3 * event.Records.length);
  return { batchItemFailures };
};

function convert({ amount, from, to }) {
  // The bank has no such rate, and nobody has thought of it.
  if (from === 'CHF' && to === 'CZK') throw new Error(`no rate from ${from} to ${to}`);
  return (amount * RATES[to]) / RATES[from];
}
