// Answers questions with @cloud-copilot/iam-simulate: one JSON object per line in, one word per line out.
// Run by agree_with_iam_simulate.py as a process of its own; the folder of its node modules is the only argument.
//
// Its entry point without validation fails on every resource policy (it loads them without a name), and the one with validation drops
// condition keys by action: so the evaluation itself is called, with every policy named and the context as it was asked.
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const load = (path) => import(pathToFileURL(join(process.argv[2], '@cloud-copilot', path)))
const { authorize } = await load('iam-simulate/dist/esm/core_engine/CoreSimulatorEngine.js')
const { DiscoveryContextKeyConstraints } = await load('iam-simulate/dist/esm/context_keys/discoveryContextKeyConstraints.js')
const { AwsRequestImpl } = await load('iam-simulate/dist/esm/request/request.js')
const { RequestContextImpl } = await load('iam-simulate/dist/esm/requestContext.js')
const { loadPolicy } = await load('iam-policy/dist/esm/index.js')

const named = (policies) => policies.map((policy, number) => loadPolicy(policy, { name: `p${number}` }))

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  let answer
  try {
    answer = authorize({
      request: new AwsRequestImpl(
        asked.principal,
        { resource: asked.resource, accountId: asked.owner },
        asked.action,
        new RequestContextImpl(asked.context),
        false
      ),
      identityPolicies: named(asked.identity),
      permissionBoundaries: asked.boundary ? named([asked.boundary]) : undefined,
      serviceControlPolicies: asked.scps.map((level, number) => ({ orgIdentifier: `level-${number}`, policies: named(level) })),
      resourceControlPolicies: [],
      resourcePolicy: asked.resource_policy ? named([asked.resource_policy])[0] : undefined,
      simulationParameters: { simulationMode: 'Strict', discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([]) },
      serviceSettings: { s3: {} }
    }).result
  } catch (error) {
    answer = `Error: ${String(error.message).replaceAll('\n', ' ')}`
  }
  process.stdout.write(`${answer}\n`)
}
